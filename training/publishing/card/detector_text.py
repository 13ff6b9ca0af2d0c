"""The sentences of a model card about a detector; its figures come from the manifest."""

LIMIT_SOURCES = """\
* The pictures of the ten types, of *multi-region* and of *boxes* are web and journal figures: many bear
  arrows, captions or watermarks, which a network can learn instead of bone. Those of FracAtlas come from
  three hospitals in Bangladesh. No picture tells age or sex. The table above says *adult*, since
  most of FracAtlas' patients are; nothing is known of how the figures hold
  for any group of patients, or in another clinic."""
LIMITS = """\
* Whether there is a fracture was learnt from FracAtlas above all. Figures within it are of new pictures,
  mostly of new patients, in known hospitals; **on a source that it never learnt from it is less sure**: look
  at those figures.
* The probability of a fracture is that of a collection of which {prevalence} show one. Where fractures are
  rarer, as among all who are X-rayed after a fall, it is too high, and a positive call is wrong more often:
  see *Where few bones are broken*.
* A negative call rules nothing out. A box tells where to look; it is no outline of the break.
* FracAtlas has few hips and shoulders, no spine and no skull. Of its 99 pictures with plates, screws or nails
  97 show a fracture, so that metal alone may be called one."""
COLLECTIONS = """\
*bones* and *multi-region* are one collection, Fracture Multi-Region X-ray Data (Kaggle bmadushanirodrigo),
said to be ODC-By 1.0: *bones* are its files, which teach refusal, and *multi-region* those of them that are
radiographs, which teach the detector. One picture of each radiograph is measured on, since most of its files
are turned copies of others. *FracAtlas*: Abedeen and others, Scientific Data 2023;10:521, CC BY 4.0; two
radiologists and an orthopaedist labelled it and drew its boxes. *boxes*: "bone fracture" of Roboflow 100
(Science Research, 2022), CC BY 4.0 by the uploader's statement, gathered from the web. No box is part of
this release."""
LIMIT_LABELS = """\
* Labels of the types, of *boxes* and of *multi-region* are the uploaders', unchecked, and pictures of one
  bone under two types show how far those of the types can be trusted. FracAtlas was labelled by two
  radiologists and an orthopaedist."""
SAME_BACKBONE = """the same
backbone"""
OWN_BACKBONE = """own backbone:
{architecture}, SHA-256 {sha256}"""
NETWORK = """\
Whether there is a fracture, and where, is said by a detector of its own on {size} × {size} pixels: \
{backbone}, a feature pyramid (Lin et al., 2017) down to cells of 8 pixels, and heads that say of each cell
whether a break is there and how far its box reaches, and of the picture whether there is one at all."""
ALTERATIONS = """\
{pictures} held-out pictures of all folds ({broken} of them broken, {groups} groups) were scored again after a
change that says nothing of the bone. A call is changed if it is another of positive, doubt and negative.
Markers and rims are drawn as training draws them, at other places: another hospital's may change more calls.
"""
MIRRORED = "It looks at each picture and at its mirror image, and takes the mean."
WANTED = """\
## What was wanted

What was wanted at least and what was aimed at was set before this release's networks were trained. A figure
of the folds is of pictures that its networks never saw; the sections below say of which and how.

{rows}

"""
RULE = """\
The rule behind this was changed after a figure was seen: it first judged all files of *multi-region*
together, and the first whole network was no better than chance there (`docs/decisions/0024`). Now it judges
the two parts of *Radiographs from the web* and not the whole, which is told all the same. They are small:
{fewest}, where the rule asks a hospital for {least} pictures of either state."""
SECTION = """\
The detector learns from FracAtlas, *boxes* and *multi-region*.

* *Folds*: each picture is scored by a network that has learnt from none of its group. A group is a block of
  twenty consecutive numbers of FracAtlas, which may be of one patient, or one radiograph elsewhere; groups
  that share a twin are one. Hospitals are not new, and not each patient is: where a block ends, the next
  number may be of the same patient and lie in another fold. Up to one picture in ten lies at such an end.
* *Never learnt from*: by a network that has learnt from no picture of that collection nor from a twin.
* Calibration and operating points of a fold come from the other folds. Intervals draw whole groups.

{roc}

### By part of the body and by view

| FracAtlas | pictures | fractured | AUROC | sensitivity at 90 % specificity | AUROC, never learnt from |
| --- | --- | --- | --- | --- | --- |
{slices}

A picture that shows two parts counts in both.

### Radiographs from the web

Most healthy bones of *multi-region* lie in files of 224 × 224 pixels and most broken ones in others, so that
to know the source is to know much of the answer: look at the two lower rows.

| multi-region | pictures | fractured | AUROC, folds | AUROC, never learnt from |
| --- | --- | --- | --- | --- |
{web}

### Operating points

Below {negative:.3f} the call is negative, from {positive:.3f} on positive, and doubt between them.
{call_method}. The first row is of the folds. The others check points that were learnt on one collection on
another: *seen*, by networks that have learnt from its other folds, or *not seen*.

| learnt on | checked on | {points_head} |
| --- | --- | {points_rule} |
{points}

{usable}

{rule}

### Where few bones are broken

Of the measured pictures {prevalence} show a fracture. Sensitivity and specificity of a call don't depend on
that share as long as the pictures are alike. What a call means does:

| broken, of all bones | broken, of positive calls | broken, of negative calls | what a stated 50 % means |
| --- | --- | --- | --- |
{prevalences}

By Bayes' rule, from the folds' sensitivity and specificity. A clinic should read a few hundred cases blind
first and count how many positive calls are right and how many negative ones are not. Then it sets its site's
own two points: a higher second one where too many positive calls are wrong, a lower first one where negative
calls miss breaks.

{reliability}

### Where it looks

*Focus*: the strongest cell lies in a box, or within {margin} of the box's side of it. *Found*: a candidate's
centre does. Each true box is found once; a second candidate on it counts neither way; a candidate on none is
a false box, of which healthy pictures have some too. The candidates of all pictures, also of negative ones,
are taken from the hottest on. Sizes are told at one false box a picture: the side of a square of the box's
area is below {small} of the picture's longer side (small), below {large} (medium), or more (large).
*Overlap*: intersection over union of the boxes that find a break.

| figure | {places_head} |
| --- | {places_rule} |
{places}

{froc}

### The boxes that a page shows

{served}

### What must not decide

{alterations}

### In other hospitals

{elsewhere}"""
