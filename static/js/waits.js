// The waits page: the progress of new deadlines, while it runs. Without scripts the page is reloaded instead.

import { keepPart } from "./connection.js";

const EVERY = 1000; // ms
const place = document.getElementById("redating");

if (place) keepPart(place, EVERY);
