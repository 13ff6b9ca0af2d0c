// The case page.
import { startClock } from "./clock.js";
import { startDraft } from "./draft.js";
import { startModelOutput } from "./model_output.js";
import { startLease } from "./lease.js";
import { startViewer } from "./viewer.js";

const viewer = startViewer();
startModelOutput(viewer.follow);
startLease();
startDraft();
startClock();
