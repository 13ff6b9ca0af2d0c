// Whether the site answers, and to whom: open, lost, signedOut, another (somebody else is signed in), full (the site's disk).

import { get } from "./request.js";

const LOOK_EVERY = [1, 2, 4, 8, 15]; // seconds between two looks at a line that isn't open
// What ends without the person pressing anything here. A full disk doesn't: every try would fill it again.
const ENDS_BY_ITSELF = ["lost", "signedOut", "another"];

export const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1000));
// All pages of a clinic lose the server at once: they must not come back at once.
export const jittered = (count) => count * (1 + Math.random() / 4);
export const step = (steps, number) => steps[Math.min(number, steps.length - 1)];

export class Line {
  state = "open";
  #looking = false;

  // `me` and `person`: who must still be signed in. `isNeeded()`: something waits for it. `changed()`: it has another state.
  constructor({ me, person, isNeeded, changed }) {
    Object.assign(this, { me, person, isNeeded, changed });
    // Back on the network, or back from the tab in which they signed in: asked at once.
    for (const event of ["online", "focus"]) addEventListener(event, () => this.look());
  }

  isOpen() {
    return this.state === "open";
  }

  set(state) {
    if (this.state === state) return;
    this.state = state;
    this.changed();
    this.#lookUntilOpen();
  }

  // Answers with the state as it is now, and keeps it.
  async look() {
    if (this.state === "open" || ENDS_BY_ITSELF.includes(this.state)) this.set(await this.#find());
    return this.state;
  }

  async #lookUntilOpen() {
    if (this.#looking) return;
    this.#looking = true;
    for (let number = 0; ENDS_BY_ITSELF.includes(this.state) && this.isNeeded(); number += 1) {
      await seconds(jittered(step(LOOK_EVERY, number)));
      await this.look();
    }
    this.#looking = false;
  }

  async #find() {
    const { status, body } = await get(this.me);
    if (status === 401 || status === 403) return "signedOut";
    if (status !== 200 || !body) return "lost";
    return body.id === this.person ? "open" : "another";
  }
}
