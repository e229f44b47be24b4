//! From a requested definition of a table to one that holds, with AWS's checks.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    error::{Result, constraint, invalid_values, validation},
    key::{KeyAttribute, KeySchema, KeyType},
    request::{
        Choice, required, resource_name,
        table::{
            AttributeDefinition, IndexProjection, IndexRequest, KeySchemaElement,
            RequestedThroughput, Throughput,
        },
    },
    table::{Billing, GlobalIndex, Index, Projected, Volume},
};

/// Indexes of a table (AWS developer guide, "Quotas").
const MAX_LOCAL_INDEXES: usize = 5;
pub(super) const MAX_GLOBAL_INDEXES: usize = 20;
/// Attributes that all indexes with `INCLUDE` project together.
const MAX_INCLUDED: usize = 100;
/// The largest throughput that can be asked for; AWS's account quotas are not enforced here.
const MAX_THROUGHPUT: i64 = 1_000_000_000_000;

/// Attribute names and types.
pub(super) type Attributes = BTreeMap<String, KeyType>;

impl Choice for KeyType {
    const ALL: &'static [(&'static str, Self)] = &[("B", Self::B), ("N", Self::N), ("S", Self::S)];
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyRole {
    Hash,
    Range,
}

impl Choice for KeyRole {
    const ALL: &'static [(&'static str, Self)] = &[("HASH", Self::Hash), ("RANGE", Self::Range)];
}

#[derive(Clone, Copy)]
enum ProjectionType {
    All,
    Include,
    KeysOnly,
}

impl Choice for ProjectionType {
    const ALL: &'static [(&'static str, Self)] =
        &[("ALL", Self::All), ("INCLUDE", Self::Include), ("KEYS_ONLY", Self::KeysOnly)];
}

/// `AttributeDefinitions`.
pub(super) fn attributes(definitions: &[AttributeDefinition]) -> Result<Attributes> {
    let mut attributes = Attributes::new();
    for definition in definitions {
        let name = required(
            definition.attribute_name.clone(),
            "attributeDefinitions.member.attributeName",
        )?;
        let kind = required(
            definition.attribute_type.as_deref(),
            "attributeDefinitions.member.attributeType",
        )?;
        let kind = KeyType::parse(kind, "attributeDefinitions.member.attributeType")?;
        if name.is_empty() || name.len() > 255 {
            return Err(constraint(
                format_args!("'{name}'"),
                "attributeDefinitions.member.attributeName",
                "Member must have length between 1 and 255",
            ));
        }
        if attributes.insert(name, kind).is_some() {
            return Err(invalid_values("Cannot have two attributes with the same name"));
        }
    }
    Ok(attributes)
}

/// `KeySchema` of a table or index.
pub(super) fn key_schema(
    elements: Option<&[KeySchemaElement]>,
    attributes: &Attributes,
) -> Result<KeySchema> {
    let elements = required(elements, "keySchema")?;
    if !(1..=2).contains(&elements.len()) {
        let rule = if elements.is_empty() {
            "Member must have length greater than or equal to 1"
        } else {
            "Member must have length less than or equal to 2"
        };
        return Err(constraint(format_args!("'[{} elements]'", elements.len()), "keySchema", rule));
    }
    let mut parsed = Vec::with_capacity(elements.len());
    for element in elements {
        let name = required(element.attribute_name.as_deref(), "keySchema.member.attributeName")?;
        let role = required(element.key_type.as_deref(), "keySchema.member.keyType")?;
        parsed.push((name, KeyRole::parse(role, "keySchema.member.keyType")?));
    }
    let names: Vec<&str> = parsed.iter().map(|(name, _)| *name).collect();
    if names.iter().any(|name| !attributes.contains_key(*name)) {
        let defined: Vec<&str> = attributes.keys().map(String::as_str).collect();
        return Err(invalid_values(format!(
            "Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], \
             AttributeDefinitions: [{}]",
            names.join(", "),
            defined.join(", ")
        )));
    }
    if names.len() == 2 && names[0] == names[1] {
        return Err(validation(
            "Both the Hash Key and the Range Key element in the KeySchema have the same name",
        ));
    }
    if parsed[0].1 != KeyRole::Hash {
        return Err(validation(
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        ));
    }
    if parsed.get(1).is_some_and(|(_, role)| *role != KeyRole::Range) {
        return Err(validation(
            "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type",
        ));
    }
    let attribute = |name: &&str| KeyAttribute { name: (*name).into(), kind: attributes[*name] };
    Ok(KeySchema { partition: attribute(&names[0]), sort: names.get(1).map(attribute) })
}

/// Refuses attributes that are no key of the table or an index.
pub(super) fn check_all_used(attributes: &Attributes, schemas: &[&KeySchema]) -> Result<()> {
    let used = |name: &str| schemas.iter().any(|schema| schema.contains(name));
    let unused: Vec<&str> =
        attributes.keys().map(String::as_str).filter(|name| !used(name)).collect();
    if unused.is_empty() {
        return Ok(());
    }
    if schemas.len() == 1 {
        return Err(invalid_values(
            "Number of attributes in KeySchema does not exactly match number of attributes defined \
             in AttributeDefinitions",
        ));
    }
    Err(invalid_values(format!(
        "Some AttributeDefinitions are not used. AttributeDefinitions: [{}], keys used: all but \
         [{}]",
        attributes.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        unused.join(", ")
    )))
}

fn projected(projection: Option<&IndexProjection>) -> Result<Projected> {
    let projection = required(projection, "projection")?;
    let Some(kind) = projection.projection_type.as_deref() else {
        return Err(invalid_values("Unknown ProjectionType: null"));
    };
    let names = projection.non_key_attributes.as_ref();
    match (ProjectionType::parse(kind, "projection.projectionType")?, names) {
        (ProjectionType::All, None) => Ok(Projected::All),
        (ProjectionType::KeysOnly, None) => Ok(Projected::KeysOnly),
        (ProjectionType::Include, Some(names)) if !names.is_empty() => {
            Ok(Projected::Include(names.iter().map(|name| name.as_str().into()).collect()))
        }
        (ProjectionType::Include, _) => {
            Err(invalid_values("ProjectionType is INCLUDE, but NonKeyAttributes is not specified"))
        }
        (_, Some(_)) => Err(invalid_values(format!(
            "ProjectionType is {kind}, but NonKeyAttributes is specified"
        ))),
    }
}

fn index(request: &IndexRequest, attributes: &Attributes) -> Result<Index> {
    let name = required(request.index_name.as_deref(), "indexName")?;
    resource_name(name, "indexName", "IndexName")?;
    Ok(Index {
        name: name.into(),
        schema: key_schema(request.key_schema.as_deref(), attributes)?,
        projected: projected(request.projection.as_ref())?,
        volume: Volume::default(),
    })
}

/// `LocalSecondaryIndexes` of a new table.
pub(super) fn local_indexes(
    requests: Option<&[IndexRequest]>,
    table: &KeySchema,
    attributes: &Attributes,
) -> Result<Vec<Index>> {
    let Some(requests) = requests else { return Ok(Vec::new()) };
    if requests.is_empty() {
        return Err(invalid_values("List of LocalSecondaryIndexes is empty"));
    }
    if table.sort.is_none() {
        return Err(invalid_values(
            "Table KeySchema does not have a range key, which is required when specifying a \
             LocalSecondaryIndex",
        ));
    }
    if requests.len() > MAX_LOCAL_INDEXES {
        return Err(invalid_values("Number of LocalSecondaryIndexes exceeds per-table limit of 5"));
    }
    let mut indexes = Vec::with_capacity(requests.len());
    for request in requests {
        let index = index(request, attributes)?;
        if index.schema.sort.is_none() {
            return Err(invalid_values(format!(
                "Index KeySchema does not have a range key for index: {}",
                index.name
            )));
        }
        if index.schema.partition != table.partition {
            return Err(invalid_values(format!(
                "Index KeySchema does not have the same leading hash key as table KeySchema for \
                 index: {}. index hash key: {}, table hash key: {}",
                index.name, index.schema.partition.name, table.partition.name
            )));
        }
        indexes.push(index);
    }
    Ok(indexes)
}

/// One global index.
pub(super) fn global_index(
    request: &IndexRequest,
    attributes: &Attributes,
    billing: Billing,
) -> Result<GlobalIndex> {
    let index = index(request, attributes)?;
    if billing == Billing::OnDemand && request.provisioned_throughput.is_some() {
        return Err(invalid_values(format!(
            "ProvisionedThroughput should not be specified for index: {} when BillingMode is \
             PAY_PER_REQUEST",
            index.name
        )));
    }
    if billing == Billing::Provisioned && request.provisioned_throughput.is_none() {
        return Err(invalid_values(format!(
            "ProvisionedThroughput must be specified for index: {}",
            index.name
        )));
    }
    let throughput = throughput(request.provisioned_throughput, billing)?;
    Ok(GlobalIndex::new(index, throughput))
}

/// `GlobalSecondaryIndexes` of a new table.
pub(super) fn global_indexes(
    requests: Option<&[IndexRequest]>,
    attributes: &Attributes,
    billing: Billing,
) -> Result<Vec<GlobalIndex>> {
    let Some(requests) = requests else { return Ok(Vec::new()) };
    if requests.is_empty() {
        return Err(invalid_values("List of GlobalSecondaryIndexes is empty"));
    }
    if requests.len() > MAX_GLOBAL_INDEXES {
        return Err(too_many_globals());
    }
    requests.iter().map(|request| global_index(request, attributes, billing)).collect()
}

pub(super) fn too_many_globals() -> securecart_embedded_wire::AwsError {
    invalid_values("GlobalSecondaryIndex count exceeds the per-table limit of 20")
}

/// Refuses two indexes of one name, and too many projected attributes.
pub(super) fn check_indexes<'i>(indexes: impl Iterator<Item = &'i Index>) -> Result<()> {
    let mut names = BTreeSet::new();
    let mut included = 0;
    for index in indexes {
        if !names.insert(&index.name) {
            return Err(invalid_values(format!("Duplicate index name: {}", index.name)));
        }
        if let Projected::Include(attributes) = &index.projected {
            included += attributes.len();
        }
    }
    if included > MAX_INCLUDED {
        return Err(invalid_values(
            "Number of NonKeyAttributes over all indexes exceeds the per-table limit of 100",
        ));
    }
    Ok(())
}

/// `ProvisionedThroughput`, which provisioned tables need and others must not have.
pub(super) fn throughput(
    requested: Option<RequestedThroughput>,
    billing: Billing,
) -> Result<Throughput> {
    match (billing, requested) {
        (Billing::OnDemand, None) => Ok(Throughput::default()),
        (Billing::OnDemand, Some(_)) => Err(invalid_values(
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is \
             PAY_PER_REQUEST",
        )),
        (
            Billing::Provisioned,
            Some(RequestedThroughput {
                read_capacity_units: Some(read),
                write_capacity_units: Some(write),
            }),
        ) => {
            check_units(read, "ReadCapacityUnits", "readCapacityUnits")?;
            check_units(write, "WriteCapacityUnits", "writeCapacityUnits")?;
            Ok(Throughput { read, write })
        }
        (Billing::Provisioned, _) => Err(invalid_values(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is \
             PROVISIONED",
        )),
    }
}

fn check_units(value: i64, title: &str, member: &str) -> Result<()> {
    if value < 1 {
        return Err(constraint(
            format_args!("'{value}'"),
            &format!("provisionedThroughput.{member}"),
            "Member must have value greater than or equal to 1",
        ));
    }
    if value > MAX_THROUGHPUT {
        return Err(validation(format!("Given value {value} for {title} is out of bounds")));
    }
    Ok(())
}
