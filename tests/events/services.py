"""Which events each service emits: a table, so that a new service has to say it."""

from accounts.acts import Act

QUIET = "no event: "  # how a reason begins
LOOKS = QUIET + "it only looks"

# Every public function of a module that changes something → its acts, or why it has none of its own.
SERVICES: dict[str, dict[str, set[Act] | str]] = {
    "accounts.services.accounts": {
        "make_account": {Act.USER_CREATED},
        "change_account": {Act.USER_CHANGED, Act.TOKENS_REVOKED},
    },
    "accounts.services.people": {
        **{key: {Act.MEMBERSHIP_ADDED} for key in ("add_person", "add_member")},
        "change_roles": {Act.MEMBERSHIP_ROLES_CHANGED},
        "end_membership": {Act.MEMBERSHIP_ENDED, Act.TOKENS_REVOKED},
        "restore_membership": {Act.MEMBERSHIP_RESTORED, Act.TOKENS_REVOKED},
        "keep_an_admin": QUIET + "it only looks",
    },
    "accounts.services.passwords": {
        "end_old_password": {Act.PASSWORD_CHANGED},
        "record_sign_in": {Act.SIGNED_IN},
        "record_sign_out": {Act.SIGNED_OUT},
    },
    "accounts.services.sites": {
        "save_site": {Act.SITE_CREATED, Act.SITE_CHANGED, Act.TOKENS_REVOKED}
    },
    "accounts.services.tokens": {
        "create_api_client": {Act.CLIENT_CREATED},
        "create_token": {Act.TOKEN_CREATED},
        **{key: {Act.TOKEN_REVOKED} for key in ("revoke_token", "revoke_any_token")},
        "end_all_tokens": {Act.TOKENS_REVOKED},
        "end_client_tokens": {Act.TOKENS_REVOKED},
        "sign_in_with_token": {Act.SIGNED_IN},
        "sign_out_of_token": {Act.SIGNED_OUT},
    },
    "accounts.services.tries": {
        "check_throttled": {Act.PASSWORD_WRONG},
        "find_person": QUIET + "it only looks",
        "forget_tries": QUIET + "a part of the password change",
    },
    "accounts.services.outbox": dict.fromkeys(
        ("claim", "mark_delivered", "prune"), QUIET + "the delivery of events is no event"
    ),
    "triage.points": {
        "set_points": {Act.POINTS_CHANGED},
        "put_back": {Act.POINTS_CHANGED},
        **dict.fromkeys(
            ("points_in_force", "release_in_use", "newest_row", "newest_number"), LOOKS
        ),
    },
    "triage.review.claims": {
        "claim": {Act.CASE_CLAIMED, Act.CASE_CLAIM_LAPSED},
        "give_back_claim": {Act.CASE_RELEASED, Act.CASE_CLAIM_LAPSED},
        "end_lapsed": {Act.CASE_CLAIM_LAPSED},
        "emit_lapsed": QUIET + "a part of claim, give_back_claim, sign, withdraw_case, end_lapsed",
        "renew": QUIET + "the claim goes on; one a minute and reader would drown the rest",
        "claim_locked_case": QUIET + "a part of claim, renew and sign",
        "end": QUIET + "a part of give_back_claim, sign, withdraw_case and link_and_replace",
        "lost_reading": QUIET + "it only looks",
        "how_it_was_lost": QUIET + "it only says why",
        "lock_case": QUIET + "it only looks",
        "lock_readings": QUIET + "it only looks",
        "claim_lapsed": QUIET + "it only says why",
    },
    "triage.review.next_case": {
        "take_next": {Act.CASE_CLAIMED, Act.CASE_CLAIM_LAPSED},
        "candidates": QUIET + "it only looks",
    },
    "triage.review.taking_over": {
        "take_over": {Act.CASE_TAKEN_OVER},
        "end_claim": {Act.CASE_CLAIM_ENDED},
    },
    "triage.review.priority": {
        name: {Act.CASE_PRIORITY_CHANGED} for name in ("change_priority", "change_priorities")
    },
    "triage.review.skips": {
        "skip_case": {Act.CASE_SKIPPED, Act.CASE_RELEASED, Act.CASE_CLAIM_LAPSED},
    },
    "triage.review.services": {
        "sign": {
            *(Act.REVIEW_SIGNED, Act.CASE_CLAIMED, Act.CASE_CLAIM_LAPSED),
            Act.CASE_OUTPUT_CHANGED,
            *(Act.CALL_BACK_OPENED, Act.CALL_BACK_CHANGED),
            *(Act.CRITICAL_OPENED, Act.CRITICAL_CHANGED),
        },
        "correct": {
            *(Act.REVIEW_CORRECTED, Act.CRITICAL_OPENED, Act.CRITICAL_CHANGED),
            *(Act.CALL_BACK_OPENED, Act.CALL_BACK_CHANGED),
        },
    },
    "triage.review.interim": {
        "record_interim_opinion": {Act.INTERIM_RECORDED},
        **dict.fromkeys(("interim_opinions_for", "newest_of", "checked_interim"), LOOKS),
        "record_on_receipt": QUIET + "a part of conclude, which emits it",
        "refusal_to_record": QUIET + "it only looks",
    },
    "triage.review.call_backs": {
        "call_back_for": QUIET + "a part of sign and correct, which emit what it did",
    },
    "triage.review.critical_results": {
        "critical_result_for": QUIET + "a part of sign and correct, which emit what it did",
    },
    "triage.report.critical_results": {
        "acknowledge": {Act.CRITICAL_ACKNOWLEDGED},
        "notify_due": {Act.CRITICAL_NOTIFIED},
        "refusal_to_acknowledge": QUIET + "it only looks",
        "signers_of": QUIET + "it only looks",
    },
    "triage.report.call_back_notices": {"notify_of_call_backs": {Act.CALL_BACK_NOTIFIED}},
    "triage.report.critical_rules": {"set_critical_table": {Act.CRITICAL_RULES_CHANGED}},
    "triage.report.sent": {
        "mark_seen": QUIET + "what a person has looked at is no act",
        **dict.fromkeys(("sent_cases", "new_answers", "answers_new_to"), LOOKS),
    },
    "triage.report.due": {
        "each_due": QUIET + "its callers' functions emit",
        "write_notices": QUIET + "a part of a step, which emits",
    },
    "triage.report.notice_choice": {
        "choose_notices": {Act.NOTICES_CHANGED},
        "gets_mail": QUIET + "it only looks",
    },
    "triage.report.call_backs": {
        "record_attempt": {Act.CALL_BACK_ATTEMPTED},
        "checked_words": QUIET + "it only looks",
        "refusal_of_unread": QUIET + "it only looks",
        "close_call_back": {Act.CALL_BACK_CLOSED},
        "refusal_to_act": QUIET + "it only looks",
    },
    "triage.report.call_back_rules": {"set_call_back_rules": {Act.CALL_BACK_RULES_CHANGED}},
    "triage.review.first_reading": {
        "lock_first_reading": {Act.REVIEW_FIRST_LOCKED, Act.CASE_CLAIMED, Act.CASE_CLAIM_LAPSED},
        "has_switched": QUIET + "it only looks",
        "reviews_shown": QUIET + "it only looks",
    },
    "triage.review.reading_rules": {
        "set_reading_rules": {Act.READING_RULES_CHANGED},
        "reading_rules_of": QUIET + "it only looks",
        "draw_blind": QUIET + "a part of conclude",
    },
    "triage.worklist.one_case": {
        "shown_case": QUIET + "it only looks",
        "unseal": QUIET + "a part of sign, which emits what it changed",
    },
    "triage.review.drafts": {
        "save_draft": QUIET + "a draft is no statement; one each 2 s would drown the rest",
        "end_draft": QUIET + "a part of sign, correct and lock_first_reading",
        **dict.fromkeys(("discard_draft", "sweep_drafts"), QUIET + "a draft is no statement"),
        **dict.fromkeys(("draft_of", "drafts_on", "own_review", "own_drafts", "has_ended"), LOOKS),
    },
    "triage.review.draft_content": {"checked": LOOKS},
    "triage.review.macros": {
        "add_macro": QUIET + "a person's shorthand; what is signed with it is an event",
        "change_macro": QUIET + "a person's shorthand; what was signed with it stays",
        "delete_macro": QUIET + "a person's shorthand; what was signed with it stays",
        "macros_of": QUIET + "it only looks",
    },
    "triage.worklist.saved_views": {
        "save_view": QUIET + "a person's own bookmark, which grants nothing",
        "delete_view": QUIET + "a person's own bookmark, which grants nothing",
        "views_of": QUIET + "it only looks",
    },
    "triage.worklist.wait_rules": {"set_wait_rules": {Act.WAITS_CHANGED}},
    "triage.worklist.redating": {
        "redate_chunk": {Act.CASES_REDATED, Act.CASES_DEADLINES_CHANGED},
        "redate": {Act.CASES_REDATED, Act.CASES_DEADLINES_CHANGED},
        "request_redating": QUIET + "a part of set_wait_rules",
        "wake": QUIET + "it only sends a message",
    },
    "triage.inference.case_update": {
        "update_cases": {
            *(Act.CASE_PREDICTED, Act.CASE_FAILED, Act.CASE_REQUEUED),
            Act.CASE_OUTPUT_CHANGED,
        }
    },
    "triage.inference.services": {
        "retry_case": {Act.CASE_RETRIED},
        "queue_case": QUIET + "a part of conclude",
        "take_back_lost": QUIET + "what it changes is an event of update_cases",
        "sweep_and_send": QUIET + "what it changes is an event of update_cases or of the checks",
    },
    "triage.inference.releases": {
        "register_release": {Act.RELEASE_REGISTERED},
        "activate_release": {Act.RELEASE_ACTIVATED},
        "reassign_left_behind": QUIET + "its cases' changes are events of update_cases",
        "queue_forgotten_images": QUIET + "the cases wait as they did before",
        **dict.fromkeys(
            ("active_release", "active_squares", "release_folder", "lock_releases"), LOOKS
        ),
    },
    "triage.inference.checks": {
        "request_check": {Act.RELEASE_CHECK_REQUESTED},
        "check_and_activate": {Act.RELEASE_WISHED},
        "pass_check": {Act.RELEASE_USABLE},
        "fail_check": {Act.RELEASE_SET_ASIDE},
        "suspend": {Act.RELEASE_SET_ASIDE},
        "claim_check": QUIET + "a worker takes up what was asked for",
        "give_back": QUIET + "a worker puts back what it took",
        "sweep_checks": {Act.RELEASE_SET_ASIDE},
    },
    "triage.intake.services": {
        "arrive_case": {Act.CASE_ARRIVED},
        "dismiss_case": {Act.CASE_DISMISSED},
        "note_answered": {Act.CASE_DISMISSED},
        "withdraw_case": {Act.CASE_WITHDRAWN, Act.CASE_CLAIM_LAPSED},
        **dict.fromkeys(("require_sender", "require_sending_role"), LOOKS),
    },
    "triage.intake.decision": {
        "conclude": {Act.CASE_RECEIVED, Act.CASE_REFUSED, Act.INTERIM_RECORDED}
    },
    "triage.intake.replacing": {
        "link_and_replace": {Act.CASE_REPLACED, Act.CASE_CLAIM_LAPSED},
        "take_over_place": QUIET + "a part of conclude; nothing is saved",
    },
    "triage.report.training_set": {"export_training_set": {Act.REVIEWS_EXPORTED}},
    "demo.people": {"make_people": {Act.DEMO_CREATED}},
}
#: Acts whose event is emitted outside a module of services, and where.
ELSEWHERE = {Act.REAUTHENTICATED: "accounts.adapter"}

# Modules that write rows and are no services: what they write, and why it is no act of its own.
BOOKKEEPING = {
    "accounts.models.user": "the manager that services make accounts by, and the signal of a new password",
    "accounts.services.events": "``emit`` itself",
    "triage.inference.health": "heartbeats of workers",
    "triage.inference.worker.loading": "the trace of a worker that loads a release",
    "triage.queue.claim": "leases and tries of jobs",
    "triage.queue.outcome": "leases and tries of jobs; what a case becomes is an event of whoever asks",
    "triage.queue.renewal": "leases of jobs",
    "triage.queue.sweep": "leases and tries of jobs; what a case becomes is an event of whoever asks",
    "triage.inference.queue": "leases and tries of jobs; what a case becomes is an event of update_cases",
    "triage.inference.reassign": "a part of an activation, a sweep and a retry, which emit",
    "triage.inference.worker.pictures": "what a release needs of a picture: a file, and its name in the row",
    "triage.inference.worker.outcomes": "predictions; what becomes of the case is an event of update_cases",
    "triage.intake.studies": "studies and series of a case, a part of conclude",
    "triage.intake.queue": "decode jobs; what becomes of the case is an event of conclude",
    "triage.intake.retention": "what a refused case said is forgotten; that it was dismissed is an event",
    "triage.durable_storage": "files in the storage",
    "triage.intake.arrived": "files in the storage, which no row names yet",
    "triage.idempotency": "which request made what; the thing that it made is an event",
    "triage.intake.named_files": "a set in memory",
    "triage.intake.orphans": "files in the storage that no row names",
    "triage.report.notices": "the delivery of a mail; that somebody was notified is an event of notify_due",
    "triage.intake.files": "files in the storage; the case that they belong to is an event",
    "demo.cases": "it draws a picture into memory; the case goes through arrive_case",
    "triage.web.live": "a digest in memory",
    "triage.web.images": "a picture in memory",
}
