package palette

// HouseCode is the data-brand of pages that belong to no brand; no brand may take it.
const HouseCode = "forecourt"

// House is the look outside the shops: front door, portals, and a brand whose colours can not be used.
var House = Palette{
	Light: Colours{
		"bg": "#f3f5f6", "surface": "#ffffff", "sunken": "#e9edf0", "line": "#d6dce1",
		"edge": "#717b84", "ink": "#131a20", "quiet": "#505b65", "accent": "#15507d",
		"accent-hover": "#0e3d61", "on-accent": "#ffffff", "link": "#15507d", "tint": "#e3eef6",
		"focus": "#b1471f", "select": "#15507d", "stage-1": "#fbfcfd", "stage-2": "#dce3e8",
		"head": "#13222e", "on-head": "#f3f6f8",
	},
	Dark: Colours{
		"bg": "#10161b", "surface": "#182129", "sunken": "#141c23", "line": "#2f3b45",
		"edge": "#82909c", "ink": "#eef3f6", "quiet": "#b0bcc6", "accent": "#8ec8f2",
		"accent-hover": "#acd7f7", "on-accent": "#0b1a26", "link": "#a5d3f5", "tint": "#1b3244",
		"focus": "#ff9a6b", "select": "#8ec8f2", "stage-1": "#66717a", "stage-2": "#343d45",
		"head": "#0a1016", "on-head": "#f3f6f8",
	},
}

// signals say good, take care, wrong and news. They mean the same in every brand, so no brand changes them.
var signals = Palette{
	Light: Colours{
		"good": "#1c6b3c", "good-bg": "#e3f2e8", "warn": "#7d4e00", "warn-bg": "#fdf0d6",
		"bad": "#a3211c", "bad-bg": "#fbe6e4", "info": "#1f4f86", "info-bg": "#e5eef8",
	},
	Dark: Colours{
		"good": "#86d6a2", "good-bg": "#17331f", "warn": "#f1c471", "warn-bg": "#3a2b0c",
		"bad": "#ff9c94", "bad-bg": "#401a17", "info": "#9cc6f5", "info-bg": "#17293e",
	},
}
