// The life of one case on the upload page, as a table: state → event → next state. No DOM and no network: sender.js asks
// for the moves, card.js draws the states.
//
// draft     the person may change it
// queued    frozen; waits for its turn, for the line, or for a server that is busy
// sending   its bytes go out
// checking  all of them are out; the answer is due
// arriving  the server has it and decodes it (202)
// asking    the server asks whether files of several studies are one case
// unsent    stopped, or given up after several tries
// refused   the server says why
// accepted  it is a case
// removed   no longer on the page

const ANSWERS = { accept: "accepted", arrive: "arriving", refuse: "refused", ask: "asking" };
// lost: no answer. again: the server says that it did nothing and may be asked again. fail: not tried again by itself.
const TROUBLE = { lost: "queued", again: "queued", fail: "unsent" };

export const MOVES = {
  draft: { send: "queued", change: "draft", remove: "removed" },
  queued: { begin: "sending", stop: "unsent", fail: "unsent", remove: "removed" },
  sending: { allOut: "checking", stop: "unsent", ...ANSWERS, ...TROUBLE }, // an answer may come before the last byte is out
  checking: { ...ANSWERS, ...TROUBLE },
  arriving: { accept: "accepted", refuse: "refused", ask: "asking", fail: "unsent" },
  asking: { confirm: "queued", change: "draft", remove: "removed" },
  unsent: { send: "queued", change: "draft", remove: "removed" },
  refused: { send: "queued", change: "draft", remove: "removed" },
  accepted: { remove: "removed" },
  removed: {},
};

const CERTAIN = ["accept", "refuse", "ask"];

// Everything went out, and no answer says what became of it: it may be stored. It must then go out again as it was, under
// its key: changed, it would be a second case.
export function may(item, event) {
  return event in MOVES[item.state] && !(event === "change" && item.unanswered);
}

// Whether the case moved. unsure: the answer, or that there is none, leaves open whether it is stored.
export function move(item, event, unsure = false) {
  if (!may(item, event)) return false;
  if (item.state === "checking" && unsure) item.unanswered = true;
  if (CERTAIN.includes(event)) item.unanswered = false;
  item.state = MOVES[item.state][event];
  return true;
}

export const isUnderWay = (item) => ["queued", "sending", "checking", "arriving"].includes(item.state);
export const isOpen = (item) => ["draft", "unsent", "refused", "asking"].includes(item.state);
