"""Which tests show what each input after public reports asks for; test_field_folders.py checks the table."""

READ = "classifier/test_field.py"
SENT = "api/test_field_folders.py"
# Files that are skipped where the folders, or a program beside which something is shown, are absent.
MAY_BE_SKIPPED = {READ, SENT, "classifier/test_against_dcmtk.py"}

# Folder → the tests that show what its expect.md asks for: with its own files, and the kind on drawn inputs.
SHOWN_BY = {
    "01-voi-lut-sequence": [
        f"{READ}::test_it_is_shown_as_dcmtk_shows_it",
        "classifier/test_against_dcmtk.py::test_a_picture_is_shown_as_dcmtk_shows_it",
        "classifier/test_voi.py::test_tables_come_before_windows_and_each_keeps_its_name",
        "classifier/test_dicom_grey.py::test_the_header_s_first_curve_that_shows_something_counts",
    ],
    "03-monochrome1-and-inverse": [
        f"{READ}::test_it_is_shown_as_dcmtk_shows_it",
        "classifier/test_against_dcmtk.py::test_a_picture_is_shown_as_dcmtk_shows_it",
        "classifier/test_dicom_radiograph.py::test_monochrome1_is_turned_to_bright_bone_with_its_window_and_once",
    ],
    "04-window-beside-the-data": [
        f"{READ}::test_a_window_beside_the_data_shows_the_data_and_says_so",
        "classifier/test_dicom_grey.py::test_a_picture_whose_window_lies_beside_it_is_not_blank",
    ],
    "05-pixel-padding": [
        f"{READ}::test_inside_padding_the_picture_is_the_one_without",
        "classifier/test_dicom_padding.py::test_padding_is_black_and_changes_nothing_inside",
    ],
    "07-eight-bits-in-sixteen": [
        f"{READ}::test_a_whole_picture_is_taken",
        "classifier/test_dicom_forms.py::test_bits_may_be_justified_to_the_left",
    ],
    "08-no-preamble": [
        f"{READ}::test_a_whole_picture_is_taken",
        "classifier/test_dicom_forms.py::test_a_data_set_without_preamble_is_read",
    ],
    "09-jp2-in-dicom": [
        f"{READ}::test_an_odd_form_gives_the_plain_one_s_pixels",
        "classifier/test_dicom_forms.py::test_a_jp2_file_in_place_of_a_codestream_is_read",
    ],
    "10-delimiter": [
        f"{READ}::test_an_odd_form_gives_the_plain_one_s_pixels",
        "classifier/test_dicom_forms.py::test_a_whole_frame_without_its_delimiter_is_read",
        "classifier/test_dicom_forms.py::test_a_cut_fragment_is_refused_whatever_ends_the_file",
    ],
    "11-trailing-bytes": [
        f"{READ}::test_a_whole_picture_is_taken",
        "classifier/test_dicom_packing.py::test_zeros_behind_the_data_set_are_ignored",
        "classifier/test_dicom_packing.py::test_what_fills_up_pixel_data_is_ignored",
    ],
    "12-pixel-module-gaps": [
        f"{READ}::test_what_is_no_picture_is_called_what_it_is",
        "classifier/test_dicom_forms.py::test_an_attribute_that_can_mean_one_thing_only_may_be_missing",
    ],
    "13-modality-dr": [
        f"{READ}::test_an_odd_form_gives_the_plain_one_s_pixels",
        "classifier/test_sop_classes.py::test_the_class_decides_where_the_modality_is_no_code",
    ],
    "14-header-says-chest": [
        f"{SENT}::test_a_wrist_whose_header_says_chest_is_read_as_a_wrist",
        "api/test_indications.py::test_the_senders_word_stands_before_the_headers",
        "inference/test_indications.py::test_the_senders_word_counts_before_the_headers",
    ],
    "15-null-padded-words": [
        f"{SENT}::test_the_field_s_forms_are_in_the_answer",
        "classifier/test_words_of_headers.py::test_zeros_behind_a_word_change_nothing",
    ],
    "16-character-sets": [
        f"{SENT}::test_the_field_s_forms_are_in_the_answer",
        "classifier/test_words_of_headers.py::test_letters_in_utf_8_that_no_header_declares_are_read",
    ],
    "17-age-forms": [
        f"{READ}::test_an_age_is_read_in_its_form",
        f"{SENT}::test_the_field_s_forms_are_in_the_answer",
        "classifier/test_dicom_forms.py::test_an_age_is_read_in_the_forms_that_devices_write",
    ],
    "18-colour-captures": [
        f"{READ}::test_a_colour_capture_keeps_its_greys_in_every_layout",
        "classifier/test_dicom_packing.py::test_colours_in_planes_are_those_in_pixels",
        "classifier/test_dicom_packing.py::test_luminance_and_chrominance_are_the_colours",
        "classifier/test_dicom_packing.py::test_a_palette_of_greys_gives_its_greys",
    ],
    "19-overlay-marker": [
        f"{READ}::test_it_is_shown_as_dcmtk_shows_it",
        "classifier/test_dicom_grey.py::test_an_overlay_is_shown_and_never_read",
        "classifier/test_display.py::test_an_overlay_is_drawn_white_over_everything",
    ],
    "21-no-pictures-in-dicom": [
        f"{READ}::test_what_is_no_picture_is_called_what_it_is",
        "classifier/test_sop_classes.py::test_what_holds_no_picture_is_called_what_it_is",
    ],
    "22-values-of-the-wrong-kind": [
        f"{READ}::test_what_is_no_picture_is_called_what_it_is",
        f"{SENT}::test_one_bad_file_is_named_by_its_place",
        "classifier/test_dicom_values.py::test_a_value_of_another_type_gives_a_picture_or_a_foreseen_refusal",
        "classifier/test_dicom_values.py::test_a_wrong_value_that_the_pixels_need_is_named",
    ],
    "23-tiff-with-thumbnail": [
        f"{READ}::test_a_whole_picture_is_taken",
        "classifier/test_dicom_forms.py::test_a_preview_in_a_tiff_is_no_second_picture",
    ],
    "26-cmyk-jpeg": [
        f"{READ}::test_another_form_of_the_same_picture_has_its_greys",
        "classifier/test_radiograph.py::test_cmyk_in_a_jpeg_of_adobes_kind_becomes_grey",
    ],
    "27-video-from-a-phone": [
        f"{READ}::test_what_is_no_picture_is_called_what_it_is",
        "classifier/test_refused_radiographs.py::test_a_bad_file_is_refused_with_a_sentence",
    ],
    "28-signed-and-compressed": [
        f"{READ}::test_another_form_of_the_same_picture_has_its_greys",
        "classifier/test_dicom_packing.py::test_signed_values_survive_codecs_that_know_no_sign",
        "classifier/test_dicom_packing.py::test_a_codestream_without_a_sign_holds_signed_values",
    ],
    "30-chunked-upload": [
        "http/test_whole_requests.py::test_the_answer_names_the_missing_length_of_a_form",
        "http/test_whole_requests.py::test_a_body_in_chunks_is_taken_whole",
    ],
    "31-two-patients-one-case": [
        f"{SENT}::test_two_patients_are_no_case",
        "intake/test_belonging.py::test_files_of_two_patients_are_refused_by_the_name_of_the_tag",
    ],
    "33-same-accession-again": [
        f"{SENT}::test_the_same_instance_again_is_said_as_a_duplicate",
        "api/test_duplicates.py::test_the_same_instance_in_other_bytes_is_taken_and_said",
        "intake/test_newer_versions.py::test_an_open_case_ends_and_the_new_one_takes_its_place",
        "intake/test_newer_versions.py::test_a_closed_case_stays_as_it_is",
    ],
    "35-find-a-closed-case": [
        f"{SENT}::test_a_closed_case_is_found_however_it_is_typed",
        "worklist/test_find.py::test_a_case_is_found_in_every_state_by_all_that_is_known_of_it",
        "worklist/test_find.py::test_an_earlier_case_of_the_same_patient_is_found",
    ],
    "36-line-breaks-at-the-limit": [
        "web/test_text_limits.py::test_a_full_clinical_question_is_taken_by_page_and_api",
        "web/test_text_limits.py::test_a_full_comment_is_signed_and_corrected",
    ],
    "38-fragments": [
        f"{READ}::test_a_whole_picture_is_taken",
        "classifier/test_dicom_packing.py::test_a_frame_in_several_fragments_is_read",
    ],
    "39-flat-and-tiny-windows": [
        f"{READ}::test_a_tiny_window_makes_no_black_picture",
        f"{READ}::test_it_is_shown_as_dcmtk_shows_it",
        "classifier/test_voi.py::test_a_window_of_width_one_is_a_threshold",
        "classifier/test_voi.py::test_a_window_narrower_than_one_covers_its_range",
        "classifier/test_dicom_grey.py::test_a_tiny_window_makes_no_black_picture",
        "classifier/test_display.py::test_one_grey_value_stays_one_grey_value",
    ],
    "40-files-added-while-sending": [
        "e2e/test_upload_sending.py::"
        "test_what_is_added_while_sending_stays_ready_and_goes_out_next",
    ],
    "41-sign-in-again-in-another-tab": [
        "e2e/test_sign_in_again.py::test_sign_works_after_signing_in_again_in_another_tab",
        "e2e/test_sign_in_again.py::test_every_form_works_after_signing_in_again_in_another_tab",
        "e2e/test_upload_sending.py::test_sending_goes_on_after_signing_in_again_in_another_tab",
        "e2e/test_connection.py::test_a_claim_goes_on_after_signing_in_again_in_another_tab",
    ],
    "43-folder-dropped": ["e2e/test_upload_choosing.py::test_a_folder_that_is_dropped_is_walked"],
    "44-no-extension-in-the-dialog": [
        "e2e/test_upload_choosing.py::test_the_dialog_takes_files_without_an_ending"
    ],
    "45-many-files-one-case": [
        "e2e/test_upload_grouping.py::"
        "test_too_many_pictures_of_one_case_are_said_once_before_anything_is_sent",
    ],
    "46-docs-page-sends-files": [
        "e2e/test_api_page.py::test_a_case_is_sent_from_the_page_of_the_api"
    ],
    "48-address-in-capitals": [
        "accounts/test_sign_in.py::test_capitals_and_blanks_in_an_address_do_not_matter"
    ],
    "49-broken-off-request": [
        "http/test_whole_requests.py::test_a_case_sent_over_rest_is_whole_or_refused",
        "http/test_whole_requests.py::test_a_case_sent_by_the_page_is_whole_or_refused",
    ],
    "50-file-name-in-latin-1": ["http/test_part_names.py::test_a_file_keeps_a_readable_name"],
}
