// The case page.
import { startClock } from "./clock.js";
import { startDraft } from "./draft.js";
import { startFinding } from "./finding.js";
import { startLease } from "./lease.js";
import { startViewer } from "./viewer.js";

const viewer = startViewer();
startFinding(viewer.follow);
startLease();
startDraft();
startClock();
