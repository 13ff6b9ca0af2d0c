// A page has one form of an opinion: of a new one, or of the correction of a signed one, which is opened first.

export const opinionForm = () => document.querySelector(".review-form");

// None while a correction is closed: what nobody sees is not filled in, drawn on or signed.
export const openForm = () => {
  const form = opinionForm();
  return form?.closest("details:not([open])") ? null : form;
};
