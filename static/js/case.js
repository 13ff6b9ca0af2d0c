// The case page.
import { startHead } from "./head.js";
import { startAhead } from "./ahead.js";
import { startBegin } from "./begin.js";
import { startClock } from "./clock.js";
import { startCorrection } from "./correction.js";
import { startDraft } from "./draft.js";
import { startOpinion, startOpinionKeys } from "./opinion.js";
import { opinionForm } from "./opinion_form.js";
import { startModelOutput } from "./model_output.js";
import { startLease } from "./lease.js";
import { startStanding } from "./standing.js";
import { startTyping } from "./typing.js";
import { startViewer } from "./viewer/viewer.js";

const viewer = startViewer();
startHead();
startModelOutput(viewer.follow);
startLease();
const form = opinionForm();
if (form) {
  startOpinion(form);
  startOpinionKeys(form);
}
startCorrection();
startStanding();
startTyping();
startBegin();
startAhead();
startDraft();
startClock();
