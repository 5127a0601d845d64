//! The API reference and the page of an error.

use serde::Serialize;
use serde_json::Value;

use super::Page;

/// The API reference.
#[derive(Debug, Serialize)]
pub struct Docs {
    page: Page,
    about: String,
    points: Vec<Point>,
}

#[derive(Debug, Serialize)]
struct Point {
    method: String,
    path: String,
    about: String,
    parameters: Vec<Parameter>,
    answers: Vec<Answer>,
}

#[derive(Debug, Serialize)]
struct Parameter {
    name: String,
    place: String,
    about: String,
}

#[derive(Debug, Serialize)]
struct Answer {
    status: String,
    about: String,
}

/// The page of an error.
#[derive(Debug, Serialize)]
pub struct Error {
    page: Page,
    status: u16,
    title: String,
    text: String,
    request: String,
}

/// Makes the API reference.
pub fn page(title: &str, openapi: &Value) -> Docs {
    let mut points = Vec::new();
    for (path, methods) in openapi["paths"].as_object().into_iter().flatten() {
        for (method, point) in methods.as_object().into_iter().flatten().filter(|(_, point)| point.is_object()) {
            points.push(Point {
                method: method.to_uppercase(),
                path: path.clone(),
                about: about(point),
                parameters: point["parameters"].as_array().into_iter().flatten().map(parameter).collect(),
                answers: point["responses"].as_object().into_iter().flatten().map(answer).collect(),
            });
        }
    }
    Docs { page: super::still(title), about: text(&openapi["info"]["description"]), points }
}

/// Makes the page of an error.
pub fn error(status: u16, title: &str, text: &str, request: &str) -> Error {
    Error {
        page: super::still("allclear"),
        status,
        title: title.to_owned(),
        text: text.to_owned(),
        request: request.to_owned(),
    }
}

fn about(point: &Value) -> String {
    let parts = [text(&point["summary"]), text(&point["description"])];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn parameter(value: &Value) -> Parameter {
    Parameter { name: text(&value["name"]), place: text(&value["in"]), about: text(&value["description"]) }
}

fn answer((status, value): (&String, &Value)) -> Answer {
    Answer { status: status.clone(), about: text(&value["description"]) }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
