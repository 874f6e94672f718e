"""What administration calls things: English msgids of the domain `console_administration`, by word."""

DOMAIN = "console_administration"

ROLE_NAMES = {
    "administrator": "Administrator",
    "privacy_officer": "Privacy officer",
    "support": "Support",
    "sales": "Sales",
    "marketing": "Marketing",
    "auditor": "Auditor",
}

RIGHTS = {
    "policy.publish": "Publish a version of the policy",
    "person.find": "Find a person by an address or a number",
    "person.read": "Open a person's values for a stated purpose",
    "person.correct": "Correct a person's values",
    "person.erase": "Destroy what is held about a person",
    "person.merge": "Join two entries of one person, and part them again",
    "case.read": "See cases",
    "case.work": "Work on cases, answer and comment",
    "case.close": "Close cases",
    "contract.read": "See contracts",
    "contract.manage": "Begin, change and end contracts",
    "disclose": "Give a person's data to a registered recipient",
    "disclosure.read": "See what was given to whom",
    "mailing.list": "Draw lists of those who may be written to",
    "retention.read": "See what runs out and when",
    "retention.sweep": "Destroy what has run out",
    "hold.place": "Keep data longer because a law says so",
    "hold.release": "Let such data go before its day",
    "stats.read": "See counts of visits",
    "journal.read": "See who read and used what",
    "ledger.verify": "Check the ledger",
    "measure.read": "See the register of measures",
    "measure.manage": "Change the register of measures",
    "incident.read": "See incidents",
    "incident.manage": "Work on incidents",
    "staff.read": "See the register of the staff",
    "staff.administer": "Invite, change and block members, change roles",
    "key.administer": "Make and end API keys",
    "webhook.administer": "Set up webhooks",
    "backup": "Make backups",
    "collect": "Collect through a connected site (API keys)",
}

MEMBER_STATES = {"active": "active", "invited": "invited", "blocked": "blocked"}
STATE_BADGES = {"active": "badge-now", "invited": "badge-open", "blocked": ""}

FACTORS = {"totp": "authenticator app", "passkey": "passkey", "oidc": "sign-in of the organisation"}

ACTS = {
    "publish_policy": "Publish a version of the policy",
    "release_hold": "Release a hold",
    "export_many": "Draw a list of many people",
    "export_file": "Write a list of many people into a file",
    "export_consents": "Download all consents with their proofs",
    "change_keys": "Change an API key",
    "rotate_keys": "Change the key-encryption key",
    "change_role": "Change what a role or a member may do",
}

APPROVAL_STATES = {
    "waiting": "waits for a second person",
    "approved": "approved",
    "carrying": "is being carried out",
    "done": "carried out",
    "failed": "failed",
    "refused": "refused",
    "expired": "ran out",
}

PAYLOAD = {
    "act": "Act",
    "role": "Role",
    "rights": "Rights",
    "purposes": "Purposes",
    "purpose": "Purpose",
    "channel": "Channel",
    "staff": "Member",
    "roles": "Roles",
    "hold": "Hold",
    "draft": "Draft",
    "number": "Number",
    "key": "Key",
    "webhook": "Webhook",
    "hash": "Hash",
    "what": "What",
    "version": "Version",
    "run": "Job",
}

MEASURE_KINDS = {"legal": "legal", "organisational": "organisational", "technical": "technical"}
MEASURE_STATUSES = {
    "planned": "planned",
    "in_place": "in place",
    "under_review": "under review",
    "dropped": "dropped",
}
MEASURE_FIELDS = {
    "kind": "Kind",
    "title": "Title",
    "description": "Description",
    "status": "Status",
    "evidence": "Evidence",
    "owner_id": "Owner",
    "review_on": "Next review",
}

INCIDENT_STATES = {
    "detected": "detected",
    "assessed": "assessed",
    "contained": "contained",
    "told": "those who must know were told",
    "closed": "closed",
}
SEVERITY_NAMES = {"unknown": "not assessed yet", "low": "low", "medium": "medium", "high": "high"}
INCIDENT_KINDS = {
    "disclosure": "given to somebody who may not have it",
    "access": "looked at by somebody who may not",
    "loss": "lost or destroyed",
    "change": "changed without right",
    "unavailable": "not reachable",
}
INCIDENT_STEPS = {
    "detected": "Detected",
    "assessed": "Assessed",
    "contained": "Contained",
    "told": "Everybody who must know was told",
    "closed": "Closed",
    "remark": "Remark",
    "duty": "Decided whom to tell",
    "people": "Those concerned were looked for and kept",
    "letters": "Letters were ordered",
}
DUTY_STATES = {"open": "open", "told": "told", "not_needed": "not needed"}
SEARCHED = {
    "actor": "Who acted",
    "purpose": "Purpose",
    "category": "Category",
    "recipient": "Recipient",
    "since": "From",
    "until": "Until",
}

FIRST_STEPS = {
    "administrator": "An administrator",
    "second_factor": "A second factor",
    "policy": "The first version of the policy",
    "operator": "Details of the organisation confirmed",
    "mail": "Letters arrive",
}
