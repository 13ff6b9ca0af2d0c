"""The text of a model card; ``publishing.card.model_card`` fills it in."""

CARD = """# {name} {version}

Says of a radiograph of a bone whether it can be assessed, how likely it shows a fracture, and which of
ten fracture types it looks like. For the order of a worklist and as a second look. It is no medical
device and no diagnosis; a clinician concludes.

{usable}

## Intended use

Research and demonstration: sorting radiographs that raise the suspicion of a fracture, read by
clinicians who form their own opinion first. Not for children's growth plates, not for follow-up of
healing, not as the only reader, not for any picture that is no plain radiograph of a bone.{indications}

## Limits

{limit_sources}
{limit_labels}
* The ten types were learnt from fractures only. On a healthy bone they mean nothing: read the call first.
{limits_fracture}
* Refusal was learnt from few real foreign pictures and many drawn ones (chests and slices above all). Of
  spines, skulls and jaws there were few to learn from: look at how many are refused, by body region. A
  screenshot that shows a bone radiograph passes. A film whose grey values are turned over, in a file
  that does not say so, is refused more often than it should be.
* {conflicts}

## Network

{backbone} (Tan and Le, 2019) from ImageNet weights, input {size} × {size}. {ensemble}

Global average pooling and one linear head over all maps: the activation map is the exact decomposition
of a type's logit (Zhou et al., 2016) and equals Grad-CAM. The refusal head is a logistic regression on
channel means and deviations inside the network. The served weights were trained on all pictures by the
recipe of the folds that the figures come from.

## Data

| part | pictures | for |
| --- | --- | --- |
{data}

*types*: Bone Break Classification (Kaggle pkdarabi/bone-break-classification-image-dataset), CC BY 4.0 by
the uploader's statement; file names show journal and web origins, so the rights upstream are unclear.
{types_pictures} distinct radiographs in {types_groups} groups (twins of one radiograph and panels of one
figure share a group) are learnt from and measured on. {collections}
*foreign*: photographs that come with scikit-image and scikit-learn, drawn documents, slices, chests and
noise, the CT, MR and chest pictures that were found among the radiographs, and NEMA's CT and MR samples for
DICOM decoders.
{extra}No picture is part of this release. The SHA-256 in the manifest name exactly what was used.

{wanted}## Figures: the ten types

{method}.

| figure | value | 95 % interval |
| --- | --- | --- |
{types}

Accuracy of each fold: {folds}. Always naming the most frequent class would give {majority}.

| class | pictures | precision (95 % interval) | recall | F1 | AUROC |
| --- | --- | --- | --- | --- | --- |
{classes}

{plots_types}

{coarse}{label_sets}{slices}

Accuracies above 85 % that are reported for this data set come from twins of one radiograph on both
sides of a random split (`python -m training audit` shows it). Each figure is that of one repeat, and the mean
of the repeats; reliability diagrams and slices lay the repeats together. Resampling tends to enlarge a
calibration error, so that its interval lies high, and to shrink the least of ten coverages, so that its lies
low.

## Figures: the data set's own Test split

A network trained on the shipped Train split. {leaked}

{shipped}

## Figures: fracture or none{and_where}

{fracture_section}

## Figures: refusal

| figure | value | 95 % interval |
| --- | --- | --- |
{assessable}

| against bone radiographs | pictures | groups | refused (95 % interval) | with the right reason | AUROC |
| --- | --- | --- | --- | --- | --- |
{refusal_parts}

A source is held out whole, but the drawn ones of a kind come from one program with other settings, and views
of one picture are many: **what nobody drew is the figure to go by**, of the reason too. The head's strength
and the share of bones that it may refuse were chosen by these same pictures, so that they flatter it. A DICOM
file whose header says CT, MR or chest is refused by its header, whatever it looks like.{external_refusals}

{refused_regions}

## Figures: the activation map

{explanation}

## Calibration

Temperature {temperature:.3f} (Guo et al., 2017). A prediction set holds every class whose probability
reaches that class's own threshold ({set_method}). Its coverage above is that of the folds' networks;
the served network, which saw more pictures, has none left to check it on.

## Checklist

What CLAIM (Mongan, Moy and Kahn, 2020; Tejani et al., 2024) asks for; a word in italics names the section.

{checklist}

The `scores_*.csv` beside this card hold the scores that all figures can be recomputed from:
`python -m training evaluate --scores` this folder.
"""

LEAKED = """Its leaked rows flatter; its clean rows count.
*Clean* says that the audit finds no twin in Train. The split is measured as it was shipped: its few CT, MR
and chest pictures count, and so does a picture whose twin was filed under another type."""
EXTRA = """*extra*: {pictures} of the types and bones come from folders given to `fit --extra`, such
as signed opinions of a clinic; what is said here of the collections, their licences, labels and files is not
said of them.
"""
