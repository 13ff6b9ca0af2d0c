"""The text of a model card. ``publishing.card.model_card`` fills in the figures."""

CARD = """# {name} {version}

For a radiograph of a bone this release says whether it can be assessed, how likely it shows a fracture, and
which of ten fracture types it resembles. It is made to sort a worklist and to support a second opinion. It is
not a medical device and gives no diagnosis; a clinician concludes.

{usable}

## Intended use

Research and demonstration: sorting radiographs of a suspected fracture for clinicians who form their own
opinion first. Do not use it for children's growth plates, for the follow-up of healing, as the only reader,
or for any picture that is not a plain radiograph of a bone.{indications}

## Limits

{limit_sources}
{limit_labels}
* The ten types were trained on fractures only. On a healthy bone they mean nothing: read the call first.
{limits_fracture}
* Refusal was trained on few real non-radiographs and many drawn ones (mainly chests and slices), and on few
  spines, skulls and jaws. The table of refusals by body region shows the effect. A screenshot of a bone
  radiograph is not refused. A film with inverted grey values, in a file that does not say so, is refused too
  often.
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
figure share a group) are used for training and evaluation. {collections} *foreign*: non-radiographs. They
are photographs that come with scikit-image and scikit-learn, drawn documents, slices, chests and noise, the
CT, MR and chest pictures that were found among the radiographs, and NEMA's CT and MR samples for DICOM
decoders. {extra}This release contains no picture. The SHA-256 in the manifest identify the pictures that
were used.

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

Reported accuracies above 85 % for this data set come from twins of one radiograph on both sides of a random
split (`python -m training audit` shows this). Each figure is the mean over the repeats; reliability
diagrams and slices pool the repeats. Resampling tends to enlarge a calibration error, so its interval is
too high, and to reduce the lowest of ten coverages, so its interval is too low.

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

Each source is held out completely. But the drawn pictures of a kind come from one program with different
settings, and there are many views of one picture. **Use the figures of pictures that nobody drew**, also
for the reason. The head's strength and the share of bones that it may refuse were chosen on these pictures,
so the figures are too good. If the header of a DICOM file says CT, MR or chest, the file is refused by its
header.{external_refusals}

{refused_regions}

## Figures: the activation map

{explanation}

## Calibration

Temperature {temperature:.3f} (Guo et al., 2017). A prediction set holds every class whose probability
reaches that class's own threshold ({set_method}). The coverage above is that of the folds' networks. The
served network was trained on all pictures, so none is left to check its coverage on.

## Checklist

The items of CLAIM (Mongan, Moy and Kahn, 2020; Tejani et al., 2024). Italics name a section of this card.

{checklist}

`python -m training evaluate --scores` with this folder computes all figures again, from the `scores_*.csv`
beside this card.
"""

LEAKED = """The figures of the leaked rows are too good; use the clean rows.
*Clean* means that the audit finds no twin in Train. The split is evaluated as it was shipped: it includes a
few CT, MR and chest pictures, and pictures whose twin has another type."""
EXTRA = """*extra*: {pictures} of the types and bones come from folders given to `fit --extra`, such
as signed opinions of a clinic. The statements here about collections, licences, labels and files do not apply
to them.
"""
