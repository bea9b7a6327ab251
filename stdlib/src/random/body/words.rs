//! The lists made-up values are drawn from. Plain ASCII, so that they fit into any field.

pub(super) const FIRST_NAMES: &[&str] = &[
    "Ada", "Alan", "Amara", "Anders", "Barbara", "Bela", "Carla", "Chen", "Clara", "Dana",
    "Dmitri", "Edsger", "Elena", "Emil", "Fatima", "Felix", "Grace", "Hana", "Hedy", "Ines",
    "Ivan", "Jamal", "Joan", "Jonas", "Karen", "Kenji", "Lea", "Leon", "Linus", "Mara", "Margaret",
    "Mei", "Nadia", "Niklaus", "Nora", "Omar", "Oscar", "Priya", "Radia", "Rosa", "Samir",
    "Sophie", "Tarek", "Tomas", "Vera", "Yara", "Yuki", "Zoe",
];

pub(super) const LAST_NAMES: &[&str] = &[
    "Allen", "Babbage", "Bartik", "Berg", "Bohm", "Castro", "Diaz", "Dijkstra", "Fischer",
    "Garcia", "Goldberg", "Gupta", "Hamilton", "Hansen", "Hopper", "Ito", "Ivanova", "Johnson",
    "Keller", "Khan", "Kim", "Knuth", "Lamarr", "Liskov", "Lovelace", "Martin", "Meyer", "Moreau",
    "Nakamura", "Novak", "Okafor", "Perlman", "Rossi", "Sato", "Schmidt", "Silva", "Smith",
    "Tanaka", "Turing", "Varga", "Weber", "Wirth", "Yilmaz", "Zuse",
];

pub(super) const WORDS: &[&str] = &[
    "amber", "anchor", "apple", "arrow", "autumn", "badge", "basket", "beacon", "bell", "bottle",
    "branch", "bridge", "bright", "button", "candle", "canyon", "carpet", "castle", "cedar",
    "circle", "cloud", "copper", "coral", "cotton", "cradle", "crystal", "dawn", "desert",
    "dinner", "early", "echo", "ember", "engine", "fabric", "falcon", "feather", "field", "flame",
    "flute", "forest", "garden", "gentle", "glass", "golden", "grain", "harbor", "hazel", "hollow",
    "honey", "island", "ivory", "jacket", "jungle", "kettle", "ladder", "lantern", "lemon",
    "linen", "little", "marble", "meadow", "mellow", "mirror", "morning", "mountain", "narrow",
    "needle", "north", "ocean", "olive", "orchard", "paper", "pebble", "pepper", "pillow",
    "planet", "pocket", "quiet", "rabbit", "rapid", "ribbon", "river", "rocket", "saddle",
    "sailor", "silver", "simple", "spring", "stone", "summer", "sunny", "table", "thunder",
    "timber", "tunnel", "valley", "velvet", "violet", "walnut", "water", "willow", "window",
    "winter", "wonder", "yellow",
];
