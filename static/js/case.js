// The case page.
import { startHead } from "./head.js";
import { startAhead } from "./ahead.js";
import { startBegin } from "./begin.js";
import { startClock } from "./clock.js";
import { startDraft } from "./draft.js";
import { startOpinion, startOpinionKeys } from "./opinion.js";
import { startModelOutput } from "./model_output.js";
import { startLease } from "./lease.js";
import { startStanding } from "./standing.js";
import { startTyping } from "./typing.js";
import { startViewer } from "./viewer/viewer.js";

const viewer = startViewer();
startHead();
startModelOutput(viewer.follow);
startLease();
document.querySelectorAll(".review-form").forEach(startOpinion);
const form = document.getElementById("review-form");
if (form) startOpinionKeys(form);
startStanding();
startTyping();
startBegin();
startAhead();
startDraft();
startClock();
