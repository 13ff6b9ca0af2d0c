"""The outbox: a row for each new audit entry, written by the statement that writes the entry."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.core.serializers.json import DjangoJSONEncoder
from django.db import migrations, models
from django.db.models import Q

# After the insert, so that the entry has its final id. A trigger and not a second statement: no entry can be
# without its message, and the chain's lock isn't held for another round trip.
# SECURITY DEFINER: it writes as the owner. So the application's role needs no right to make messages itself,
# and the version that still runs while this migrates, whose role has no rights on the new table yet, goes on.
TRIGGER = """
CREATE FUNCTION accounts_audit_outbox() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO public.accounts_outboxmessage (entry_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
-- Nobody else may hang it on a table of their own, and so write messages as the owner.
REVOKE EXECUTE ON FUNCTION accounts_audit_outbox() FROM PUBLIC;
CREATE TRIGGER accounts_audit_outbox AFTER INSERT ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_outbox();
"""

NO_TRIGGER = """
DROP TRIGGER accounts_audit_outbox ON accounts_auditentry;
DROP FUNCTION accounts_audit_outbox();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_sign_in_tries")]

    operations = [
        # In Python only: dates, ids and labels may stand in a detail. The column stays as it is.
        migrations.AlterField(
            model_name="auditentry",
            name="detail",
            field=models.JSONField(default=dict, encoder=DjangoJSONEncoder),
        ),
        migrations.CreateModel(
            name="OutboxMessage",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="message",
                        serialize=False,
                        to="accounts.auditentry",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, editable=False)),
                ("claimed_until", models.DateTimeField(editable=False, null=True)),
                ("delivered_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(delivered_at=None) | Q(claimed_until=None),
                        name="outbox_delivered_is_not_claimed",
                    ),
                    models.CheckConstraint(
                        condition=Q(claimed_until=None) | Q(attempts__gt=0),
                        name="outbox_claim_is_an_attempt",
                    ),
                ],
                "indexes": [
                    models.Index(
                        condition=Q(delivered_at=None),
                        fields=["entry"],
                        name="outbox_undelivered",
                    )
                ],
            },
        ),
        migrations.RunSQL(TRIGGER, NO_TRIGGER),
    ]
