"""The text of a model card about a detector. The figures come from the manifest."""

LIMIT_SOURCES = """\
* The pictures of the ten types, of *multi-region* and of *boxes* are web and journal figures. Many have
  arrows, captions or watermarks, which a network can use instead of the bone. The pictures of FracAtlas
  come from three hospitals in Bangladesh. Age and sex are unknown. The table above says *adult*, because
  most patients of FracAtlas are adults. How the figures change between groups of patients, or in another
  clinic, is unknown."""
LIMITS = """\
* The detector was mainly trained on FracAtlas. Figures within FracAtlas are of new pictures, mostly of new
  patients, in known hospitals. **On a source that it was not trained on, it makes more mistakes**: see the
  figures *never learnt from*.
* The probability of a fracture is calibrated for a collection in which {prevalence} of the pictures show
  one. Where fractures are rarer, as among all patients X-rayed after a fall, it is too high, and a positive
  call is wrong more often: see *Where fractures are rare*.
* A negative call does not exclude a fracture. A box says where to look; it is not an outline of the fracture.
* FracAtlas has few hips and shoulders, no spine and no skull. 97 of its 99 pictures with plates, screws or
  nails show a fracture, so metal alone may be called a fracture."""
COLLECTIONS = """\
*bones* and *multi-region* are one collection, Fracture Multi-Region X-ray Data (Kaggle bmadushanirodrigo),
said to be ODC-By 1.0. *bones* are all its files, used to train the refusal. *multi-region* are those that
are radiographs, used to train the detector. One picture of each radiograph is used for evaluation, since
most files are rotated copies of others. *FracAtlas*: Abedeen and others, Scientific Data 2023;10:521, CC BY
4.0; two radiologists and an orthopaedist labelled it and drew its boxes. *boxes*: "bone fracture" of
Roboflow 100 (Science Research, 2022), CC BY 4.0 by the uploader's statement, collected from the web. This
release contains no box."""
LIMIT_LABELS = """\
* The labels of the types, of *boxes* and of *multi-region* are the uploaders' and unchecked. Some radiographs
  have two types, which shows how reliable these labels are. Two radiologists and an orthopaedist labelled
  FracAtlas."""
SAME_BACKBONE = """the same
backbone"""
OWN_BACKBONE = """own backbone:
{architecture}, SHA-256 {sha256}"""
NETWORK = """\
A separate detector with {size} × {size} pixels says whether there is a fracture, and where: \
{backbone}, a feature pyramid (Lin et al., 2017) down to cells of 8 pixels, and heads. For each cell they give
the log-odds of a fracture and its box; for the picture, the log-odds of any fracture."""
ALTERATIONS = """\
{pictures} held-out pictures of all folds ({broken} of them fractured, {groups} groups) were scored again
after a change that does not concern the bone. A call counts as changed if it is then another of positive,
doubt and negative. Markers and rims are drawn as in training, at other places. Those of another hospital
may change more calls.
"""
MIRRORED = "Its outputs are the mean over each picture and its mirror image."
WANTED = """\
## Targets

The minimum and the target were set before this release's networks were trained. A figure of the folds is of
pictures that its networks were not trained on; the sections below describe them.

{rows}

"""
RULE = """\
This rule was changed after a figure was known. At first it used all files of *multi-region* together, where
the first complete network was no better than chance (`docs/decisions/0024`). Now it uses the two parts of
*Radiographs from the web* and not all files, whose figure is still given. The parts are small: {fewest},
while the rule requires {least} pictures of either state from a hospital."""
SECTION = """\
The detector is trained on FracAtlas, *boxes* and *multi-region*.

* *Folds*: each picture is scored by a network that was trained on no picture of its group. A group is a
  block of twenty consecutive numbers of FracAtlas, which may be of one patient; in other collections it is
  one radiograph. Groups that share a twin are joined. The hospitals are not new, and some patients are not:
  at the end of a block, the next number may be of the same patient and in another fold. Up to one picture
  in ten is at such an end.
* *Never learnt from*: by a network that was trained on no picture of that collection and on no twin of one.
* Calibration and operating points of a fold come from the other folds. Intervals resample complete groups.

{roc}

### By body part and projection

| FracAtlas | pictures | fractured | AUROC | sensitivity at 90 % specificity | AUROC, never learnt from |
| --- | --- | --- | --- | --- | --- |
{slices}

A picture that shows two body parts counts for both.

### Radiographs from the web

Most healthy bones of *multi-region* are in files of 224 × 224 pixels, and most fractured ones in other
files. A network that recognises the source therefore knows much of the answer: use the two lower rows.

| multi-region | pictures | fractured | AUROC, folds | AUROC, never learnt from |
| --- | --- | --- | --- | --- |
{web}

### Operating points

Below {negative:.3f} the call is negative, from {positive:.3f} on positive, and doubt between them.
{call_method}. The first row is of the folds. The other rows apply points that were fitted on one collection
to another: *seen*, by networks that were trained on its other folds, or *not seen*.

| fitted on | checked on | {points_head} |
| --- | --- | {points_rule} |
{points}

{usable}

{rule}

### Where fractures are rare

{prevalence} of the evaluated pictures show a fracture. Sensitivity and specificity don't depend on this
share, as long as the pictures are alike. The predictive values do:

| fractured, of all | fractured, of positive calls | fractured, of negative calls | meaning of a stated 50 % |
| --- | --- | --- | --- |
{prevalences}

Computed by Bayes' rule from the folds' sensitivity and specificity. A clinic should first read a few
hundred cases blind, and count how many positive calls are right and how many negative calls are wrong. Then
it sets its own two points: a higher second point if too many positive calls are wrong, a lower first point
if negative calls miss fractures.

{reliability}

### Location

*Focus*: the strongest cell lies in a box, or within {margin} of the box's side of it. *Found*: a
candidate's centre lies there. Each true box is found once; a second candidate on it is ignored. A candidate
on no true box is a false box, also in healthy pictures. The candidates of all pictures, also of negative
ones, are used, hottest first. Sizes are given at one false box per picture: the side of a square of the
box's area is below {small} of the picture's longer side (small), below {large} (medium), or more (large).
*Overlap*: intersection over union of the boxes that find a fracture.

| figure | {places_head} |
| --- | {places_rule} |
{places}

{froc}

### The boxes that a page shows

{served}

### Changes that must not matter

{alterations}

### In other hospitals

{elsewhere}"""
