// The page of a case that arrives: what has been read of it, until it has arrived. Without scripts the page is reloaded.

import { keepPart } from "./connection.js";

const EVERY = 500; // ms
const place = document.getElementById("arrival");

keepPart(place, EVERY, () => {
  if (!place.childElementCount) location.reload(); // it was received: its page is another one now
});
