//! From a component's HTML to the compact tree that the gate makes elements from, without ever parsing HTML itself.
//!
//! A node is a string (text) or `["tag", {attributes} | 0, ...children]`.

use std::collections::BTreeMap;

use scraper::{ElementRef, Html, Node};
use serde::{Serialize, Serializer};

/// A node of the compact tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// Text.
    Text(String),
    /// An element.
    Element {
        /// Its name.
        tag: String,
        /// Its attributes.
        attributes: BTreeMap<String, String>,
        /// What is in it.
        children: Vec<Tree>,
    },
}

/// Why some HTML cannot become a tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// Not exactly one element.
    #[error("the first layer must be exactly one element; it has {0} nodes")]
    Root(usize),
    /// SVG or MathML.
    #[error(
        "the first layer holds <{0}>, which createElement cannot make; draw it with CSS instead"
    )]
    Namespace(String),
    /// Something that runs.
    #[error("the first layer holds {0}, which must not be made from a component")]
    Active(String),
}

impl Tree {
    /// Reads the HTML of one element.
    pub fn from_html(html: &str) -> Result<Self, TreeError> {
        let fragment = Html::parse_fragment(html);
        let mut nodes = children(fragment.root_element())?;
        nodes.retain(|node| !matches!(node, Self::Text(text) if text.trim().is_empty()));
        match <[Self; 1]>::try_from(nodes) {
            Ok([root @ Self::Element { .. }]) => Ok(root),
            Ok(_) => Err(TreeError::Root(1)),
            Err(nodes) => Err(TreeError::Root(nodes.len())),
        }
    }
}

fn children(parent: ElementRef<'_>) -> Result<Vec<Tree>, TreeError> {
    let mut trees = Vec::new();
    for child in parent.children() {
        match child.value() {
            Node::Text(text) => trees.push(Tree::Text(text.to_string())),
            Node::Element(_) => trees.extend(ElementRef::wrap(child).map(read).transpose()?),
            _ => {}
        }
    }
    Ok(trees)
}

fn read(node: ElementRef<'_>) -> Result<Tree, TreeError> {
    let element = node.value();
    let tag = element.name().to_owned();
    if &*element.name.ns != "http://www.w3.org/1999/xhtml" {
        return Err(TreeError::Namespace(tag));
    }
    if matches!(
        tag.as_str(),
        "script" | "style" | "iframe" | "object" | "embed"
    ) {
        return Err(TreeError::Active(format!("<{tag}>")));
    }
    let mut attributes = BTreeMap::new();
    for (name, value) in element.attrs() {
        if name.starts_with("on") || name == "style" {
            return Err(TreeError::Active(format!("the attribute {name}")));
        }
        attributes.insert(name.to_owned(), value.to_owned());
    }
    Ok(Tree::Element {
        tag,
        attributes,
        children: children(node)?,
    })
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq;
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Element {
                tag,
                attributes,
                children,
            } => {
                let mut seq = serializer.serialize_seq(Some(2 + children.len()))?;
                seq.serialize_element(tag)?;
                if attributes.is_empty() {
                    seq.serialize_element(&0)?;
                } else {
                    seq.serialize_element(attributes)?;
                }
                for child in children {
                    seq.serialize_element(child)?;
                }
                seq.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(html: &str) -> String {
        serde_json::to_string(&Tree::from_html(html).expect("a tree")).expect("JSON")
    }

    #[test]
    fn keeps_elements_attributes_and_text() {
        let html = "<div id=\"sayso\" lang=\"en\"><p>We use <b>a &amp; b</b>.</p><!-- gone --><button>No</button></div>";
        let wanted = r#"["div",{"id":"sayso","lang":"en"},["p",0,"We use ",["b",0,"a & b"],"."],["button",0,"No"]]"#;
        assert_eq!(json(html), wanted);
    }

    #[test]
    fn one_element_and_nothing_that_runs() {
        assert_eq!(Tree::from_html("<p></p><p></p>"), Err(TreeError::Root(2)));
        assert_eq!(Tree::from_html("text"), Err(TreeError::Root(1)));
        assert_eq!(Tree::from_html(""), Err(TreeError::Root(0)));
        for html in [
            "<div><script>1</script></div>",
            "<p onclick=\"x()\"></p>",
            "<p style=\"color:red\"></p>",
        ] {
            assert!(
                matches!(Tree::from_html(html), Err(TreeError::Active(_))),
                "{html}"
            );
        }
        assert!(matches!(
            Tree::from_html("<p><svg></svg></p>"),
            Err(TreeError::Namespace(_))
        ));
    }
}
