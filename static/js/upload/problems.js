// What is wrong with a case before it is sent: so that it is asked about once, and not refused thirty times.

// [{code, field?, picture?}]; `limits`: {images, bytes}.
export function problemsOf(item, batch, limits) {
  const found = [];
  for (const picture of item.pictures) {
    if (picture.fault) found.push({ code: picture.fault, picture });
    else if (!picture.file.size) found.push({ code: "empty", picture });
    else if (picture.file.size > limits.bytes) found.push({ code: "tooLarge", picture });
  }
  if (item.pictures.length > limits.images) found.push({ code: "tooMany" });
  if (ofSeveralPatients(item)) found.push({ code: "patientsDiffer" });
  if (!batch.valueOf(item, "body_part") && !mayKnowBodyPart(item)) found.push({ code: "bodyPart", field: "body_part" });
  return found;
}

function ofSeveralPatients(item) {
  const patients = item.pictures.map((picture) => picture.header?.patient).filter(Boolean);
  return new Set(patients).size > 1;
}

// A header that the browser doesn't read is left to the server, which reads more.
const mayKnowBodyPart = (item) =>
  item.pictures.some(({ header }) => header && (header.bodyPart || !header.isRead));
