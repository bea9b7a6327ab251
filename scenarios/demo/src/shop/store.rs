//! Items and orders in memory, behind one short lock. It knows nothing of HTTP.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use super::idempotency::Memory;
use super::item::{Draft, Item};

const MOST_ITEMS: usize = 100_000;
const MOST_ORDERS: usize = 100_000;

/// What is on the shelves after start: SKU, name, price, stock, tag.
const STOCK: [(&str, &str, f64, u64, &str); 12] = [
    ("LAMP-1", "Desk lamp", 39.90, 25, "light"),
    ("LAMP-2", "Floor lamp", 89.00, 8, "light"),
    ("BULB-1", "LED bulb E27", 4.95, 400, "light"),
    ("CHAIR-1", "Office chair", 219.00, 12, "furniture"),
    ("CHAIR-2", "Stool", 35.50, 40, "furniture"),
    ("DESK-1", "Standing desk", 449.00, 5, "furniture"),
    ("SHELF-1", "Book shelf", 79.90, 17, "furniture"),
    ("MUG-1", "Mug", 9.90, 120, "kitchen"),
    ("MUG-2", "Travel mug", 19.90, 60, "kitchen"),
    ("KETTLE-1", "Kettle", 49.00, 0, "kitchen"),
    ("CABLE-1", "USB-C cable", 12.00, 300, "office"),
    ("PAPER-1", "Paper, 500 sheets", 6.49, 250, "office"),
];

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Order {
    pub id: u64,
    pub customer: String,
    pub lines: Vec<Line>,
    pub total: f64,
    pub placed_at: Timestamp,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    pub sku: String,
    pub quantity: u64,
    pub price: f64,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Refused {
    Unknown(u64),
    Duplicate(String),
    Stale { version: u64 },
    UnknownSku { line: usize, sku: String },
    OutOfStock { sku: String, stock: u64 },
    Full,
}

pub(crate) struct Shop {
    shelves: Mutex<Shelves>,
}

pub(crate) struct Shelves {
    items: BTreeMap<u64, Item>,
    by_sku: BTreeMap<String, u64>,
    orders: Vec<Order>,
    last: u64,
    pub(super) memory: Memory,
}

impl Shop {
    pub fn new() -> Self {
        Self {
            shelves: Mutex::new(Shelves::stocked()),
        }
    }

    pub fn reset(&self) {
        *self.shelves() = Shelves::stocked();
    }

    pub fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelves {
    fn stocked() -> Self {
        let mut shelves = Self {
            items: BTreeMap::new(),
            by_sku: BTreeMap::new(),
            orders: Vec::new(),
            last: 0,
            memory: Memory::default(),
        };
        for (sku, name, price, stock, tag) in STOCK {
            let draft = Draft {
                sku: sku.into(),
                name: name.into(),
                price,
                stock,
                tags: vec![tag.into()],
            };
            shelves
                .add(draft)
                .expect("the names in STOCK are different and few");
        }
        shelves
    }

    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }

    pub fn get(&self, id: u64) -> Option<&Item> {
        self.items.get(&id)
    }

    pub fn add(&mut self, draft: Draft) -> Result<Item, Refused> {
        if self.by_sku.contains_key(&draft.sku) {
            return Err(Refused::Duplicate(draft.sku));
        }
        if self.items.len() >= MOST_ITEMS {
            return Err(Refused::Full);
        }
        self.last += 1;
        let item = Item {
            id: self.last,
            draft,
            version: 1,
            updated_at: Timestamp::now(),
        };
        self.by_sku.insert(item.draft.sku.clone(), item.id);
        self.items.insert(item.id, item.clone());
        Ok(item)
    }

    /// Replaces an item; with `version`, only when it still has that one.
    pub fn change(&mut self, id: u64, draft: Draft, version: Option<u64>) -> Result<Item, Refused> {
        let item = self.items.get_mut(&id).ok_or(Refused::Unknown(id))?;
        if version.is_some_and(|version| version != item.version) {
            return Err(Refused::Stale {
                version: item.version,
            });
        }
        if self
            .by_sku
            .get(&draft.sku)
            .is_some_and(|other| *other != id)
        {
            return Err(Refused::Duplicate(draft.sku));
        }
        self.by_sku.remove(&item.draft.sku);
        self.by_sku.insert(draft.sku.clone(), id);
        item.draft = draft;
        item.version += 1;
        item.updated_at = Timestamp::now();
        Ok(item.clone())
    }

    pub fn remove(&mut self, id: u64) -> Result<(), Refused> {
        let item = self.items.remove(&id).ok_or(Refused::Unknown(id))?;
        self.by_sku.remove(&item.draft.sku);
        Ok(())
    }

    /// Takes everything from stock, or nothing when one line cannot be served.
    pub fn order(&mut self, customer: String, wanted: &[(String, u64)]) -> Result<Order, Refused> {
        if self.orders.len() >= MOST_ORDERS {
            return Err(Refused::Full);
        }
        let mut taken: BTreeMap<u64, u64> = BTreeMap::new();
        let mut lines = Vec::with_capacity(wanted.len());
        for (line, (sku, quantity)) in wanted.iter().enumerate() {
            let item = self
                .by_sku
                .get(&sku.to_uppercase())
                .and_then(|id| self.items.get(id));
            let item = item.ok_or_else(|| Refused::UnknownSku {
                line,
                sku: sku.clone(),
            })?;
            let all = taken.entry(item.id).or_default();
            *all += quantity;
            if *all > item.draft.stock {
                return Err(Refused::OutOfStock {
                    sku: item.draft.sku.clone(),
                    stock: item.draft.stock,
                });
            }
            lines.push(Line {
                sku: item.draft.sku.clone(),
                quantity: *quantity,
                price: item.draft.price,
            });
        }
        for (id, quantity) in taken {
            if let Some(item) = self.items.get_mut(&id) {
                item.draft.stock -= quantity;
                item.version += 1;
            }
        }
        // Added up in cents, or else 3 × 0.10 would not be 0.30.
        let cents: f64 = lines
            .iter()
            .map(|line| (line.price * 100.0).round() * line.quantity as f64)
            .sum();
        let id = self.orders.len() as u64 + 1;
        let order = Order {
            id,
            customer,
            lines,
            total: cents / 100.0,
            placed_at: Timestamp::now(),
        };
        self.orders.push(order.clone());
        Ok(order)
    }

    /// Newest first.
    pub fn orders_of(&self, customer: &str) -> Vec<&Order> {
        self.orders
            .iter()
            .rev()
            .filter(|order| order.customer == customer)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(wanted: &[(&str, u64)]) -> Vec<(String, u64)> {
        wanted
            .iter()
            .map(|(sku, quantity)| (sku.to_string(), *quantity))
            .collect()
    }

    #[test]
    fn an_order_takes_from_stock_and_adds_up() {
        let mut shelves = Shelves::stocked();
        let order = shelves
            .order("ada".into(), &lines(&[("mug-1", 2), ("LAMP-2", 1)]))
            .expect("an order");
        assert_eq!(order.total, 108.8);
        let mug = shelves
            .items()
            .find(|item| item.draft.sku == "MUG-1")
            .expect("the mug");
        assert_eq!((mug.draft.stock, mug.version), (118, 2));
        assert_eq!(shelves.orders_of("ada").len(), 1);
        assert!(shelves.orders_of("bob").is_empty());
    }

    #[test]
    fn an_order_that_cannot_be_served_takes_nothing() {
        let mut shelves = Shelves::stocked();
        let wanted = lines(&[("MUG-1", 1), ("DESK-1", 3), ("DESK-1", 3)]);
        let refused = shelves
            .order("ada".into(), &wanted)
            .expect_err("too many desks");
        assert_eq!(
            refused,
            Refused::OutOfStock {
                sku: "DESK-1".into(),
                stock: 5
            }
        );
        let unknown = shelves
            .order("ada".into(), &lines(&[("MUG-1", 1), ("NONE", 1)]))
            .expect_err("unknown");
        assert_eq!(
            unknown,
            Refused::UnknownSku {
                line: 1,
                sku: "NONE".into()
            }
        );
        assert!(shelves.items().all(|item| item.version == 1));
    }

    #[test]
    fn a_stale_change_is_refused_and_skus_stay_unique() {
        let mut shelves = Shelves::stocked();
        let draft = shelves.get(1).expect("an item").draft.clone();
        assert_eq!(
            shelves
                .change(1, draft.clone(), Some(1))
                .expect("a change")
                .version,
            2
        );
        assert_eq!(
            shelves.change(1, draft.clone(), Some(1)),
            Err(Refused::Stale { version: 2 })
        );
        assert_eq!(
            shelves.change(2, draft.clone(), None),
            Err(Refused::Duplicate("LAMP-1".into()))
        );
        assert_eq!(shelves.remove(1), Ok(()));
        assert!(
            shelves.change(2, draft, None).is_ok(),
            "its SKU is free again"
        );
        assert_eq!(shelves.remove(1), Err(Refused::Unknown(1)));
    }
}
