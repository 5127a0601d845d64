//! How AWS's services are called: by service and region, in the words that people use.

use super::draft;
use crate::model::level::State;
use crate::model::observation::SeenComponent;

/// Services that everybody calls by their key.
const BY_KEY: [&str; 20] = [
    "acm", "ebs", "ec2", "ecr", "ecs", "efs", "eks", "emr", "iam", "kms", "msk", "rds", "s3", "ses", "sns", "sqs",
    "ssm", "sts", "vpc", "waf",
];

/// `ec2-us-east-1` and its name: `EC2/us-east-1`. A service without a region stands alone.
pub fn component(service: &str, name: &str, state: State) -> SeenComponent {
    let region = region(service);
    let key = region.and_then(|region| service.strip_suffix(region)).unwrap_or(service).trim_end_matches('-');
    let short = name.strip_prefix("Amazon ").or_else(|| name.strip_prefix("AWS ")).unwrap_or(name);
    let said = if BY_KEY.contains(&key) { key.to_ascii_uppercase() } else { short.to_owned() };
    match region {
        Some(region) => SeenComponent { group: draft::group(Some(said)), state, ..draft::component(service, region) },
        None => SeenComponent { state, ..draft::component(service, &said) },
    }
}

/// The region at the end of a service's key: `us-east-1`, `us-gov-west-1`; in `sns-ir-me-central-1` it is the last that
/// looks like one.
fn region(service: &str) -> Option<&str> {
    let mut starts = service.rmatch_indices('-').filter_map(|(at, _)| service.get(at.checked_add(1)?..));
    starts.find(|rest| is_region(rest))
}

fn is_region(text: &str) -> bool {
    let place =
        text.split('-').next().is_some_and(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_lowercase()));
    place && text.matches('-').count() >= 2 && text.ends_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_called_as_people_call_them() {
        for (service, name, path) in [
            ("ec2-us-east-1", "Amazon Elastic Compute Cloud", "EC2/us-east-1"),
            ("s3-us-gov-west-1", "Amazon Simple Storage Service", "S3/us-gov-west-1"),
            ("sns-ir-me-central-1", "Amazon Simple Notification Service", "Simple Notification Service/me-central-1"),
            ("aps-eu-west-1", "Amazon Managed Service for Prometheus", "Managed Service for Prometheus/eu-west-1"),
            ("lambda-eu-central-1", "AWS Lambda", "Lambda/eu-central-1"),
            ("iam", "AWS Identity and Access Management", "IAM"),
            ("cloudfront", "Amazon CloudFront", "CloudFront"),
        ] {
            assert_eq!(component(service, name, State::OPERATIONAL).path(), path);
        }
    }

    #[test]
    fn regions_are_told_from_the_names_before_them() {
        for (key, found) in [
            ("ec2-us-east-1", Some("us-east-1")),
            ("multipleservices-me-central-1", Some("me-central-1")),
            ("iam-ir-me-south-1", Some("me-south-1")),
            ("app-db-eu-isoe-west-1", Some("eu-isoe-west-1")),
            ("s3-us-gov-west-1", Some("us-gov-west-1")),
            ("acm-pca-me-central-1", Some("me-central-1")),
            ("internetconnectivity", None),
            ("route53", None),
        ] {
            assert_eq!(region(key), found, "{key}");
        }
    }
}
