package rangegen

import "forecourt/internal/catalogue"

// term is a name with the start of its code.
type term struct{ code, en, it, fr string }

func (t term) words(mark string) catalogue.Words {
	if mark != "" {
		mark = " " + mark
	}
	return catalogue.Words{"en": t.en + mark, "it": t.it + mark, "fr": t.fr + mark}
}

var modelNames = []string{"Alder", "Bracken", "Clover", "Dune", "Ember", "Fjord", "Garnet", "Heath", "Islet", "Juniper",
	"Kestrel", "Linden", "Meadow", "Nettle", "Otter", "Pebble", "Quarry", "Rowan", "Sable", "Teal"}

var versionNames = []string{"Pure", "Active", "Comfort", "Premium", "Trail", "Urban", "Sport", "Signature"}

// marks tell apart what a word list would call the same.
var marks = []string{"", "Plus", "Pro", "Max", "Duo", "Neo", "Arc", "Lux"}

// area is a part of the car; most rules stay within one.
type area struct {
	pack  term
	items []term
}

// Two areas by their place, for rules about wheels and upholstery.
const (
	drive = 6
	cabin = 7
)

var areas = []area{
	{term{"pack-parking", "Parking pack", "Pack Parcheggio", "Pack Stationnement"}, []term{
		{"camera-rear", "Reversing camera", "Retrocamera", "Caméra de recul"},
		{"sensors-rear", "Rear parking sensors", "Sensori posteriori", "Capteurs arrière"},
		{"sensors-front", "Front parking sensors", "Sensori anteriori", "Capteurs avant"},
		{"view-round", "View all round", "Vista a 360 gradi", "Vue à 360 degrés"},
	}},
	{term{"pack-winter", "Winter pack", "Pack Inverno", "Pack Hiver"}, []term{
		{"seats-warm", "Heated seats", "Sedili riscaldati", "Sièges chauffants"},
		{"wheel-warm", "Heated steering wheel", "Volante riscaldato", "Volant chauffant"},
		{"screen-warm", "Heated windscreen", "Parabrezza riscaldato", "Pare-brise chauffant"},
		{"heater", "Parking heater", "Riscaldamento autonomo", "Chauffage autonome"},
	}},
	{term{"pack-media", "Media pack", "Pack Multimedia", "Pack Multimédia"}, []term{
		{"screen-large", "Large screen", "Schermo grande", "Grand écran"},
		{"route", "Navigation", "Navigatore", "Navigation"},
		{"speakers", "Eight speakers", "Otto altoparlanti", "Huit haut-parleurs"},
		{"charge-pad", "Wireless charger", "Ricarica senza fili", "Recharge sans fil"},
	}},
	{term{"pack-roof", "Roof pack", "Pack Tetto", "Pack Toit"}, []term{
		{"rails", "Roof rails", "Mancorrenti", "Barres de toit"},
		{"box", "Roof box", "Box da tetto", "Coffre de toit"},
		{"glass-roof", "Glass roof", "Tetto in vetro", "Toit vitré"},
		{"ski-rack", "Ski rack", "Portasci", "Porte-skis"},
	}},
	{term{"pack-towing", "Towing pack", "Pack Traino", "Pack Remorquage"}, []term{
		{"hook", "Tow bar", "Gancio di traino", "Attelage"},
		{"trailer-aid", "Trailer assistant", "Assistente rimorchio", "Assistant remorque"},
		{"bike-rack", "Bicycle rack", "Portabici", "Porte-vélos"},
		{"mirrors-long", "Long mirrors", "Specchi lunghi", "Grands rétroviseurs"},
	}},
	{term{"pack-boot", "Boot pack", "Pack Bagagliaio", "Pack Coffre"}, []term{
		{"floor-double", "Two-level floor", "Piano su due livelli", "Plancher à deux niveaux"},
		{"spare", "Spare wheel", "Ruota di scorta", "Roue de secours"},
		{"dog-grid", "Dog guard", "Griglia per cani", "Grille pour chien"},
		{"tailgate", "Electric tailgate", "Portellone elettrico", "Hayon électrique"},
	}},
	{term{"pack-drive", "Driving pack", "Pack Guida", "Pack Conduite"}, []term{
		{"cruise", "Adaptive cruise control", "Cruise control adattivo", "Régulateur adaptatif"},
		{"lane", "Lane assistant", "Assistente di corsia", "Maintien de voie"},
		{"modes", "Driving modes", "Modalità di guida", "Modes de conduite"},
		{"beam", "Adaptive headlights", "Fari adattivi", "Phares adaptatifs"},
	}},
	{term{"pack-cabin", "Cabin pack", "Pack Abitacolo", "Pack Habitacle"}, []term{
		{"armrest", "Armrest", "Bracciolo", "Accoudoir"},
		{"climate", "Two-zone climate control", "Clima a due zone", "Climatisation à deux zones"},
		{"glow", "Ambient lighting", "Luci d'ambiente", "Éclairage d'ambiance"},
		{"tint", "Dark rear windows", "Vetri oscurati", "Vitres surteintées"},
	}},
}

var twoTone = term{"two-tone", "Black roof", "Tetto nero", "Toit noir"}

// paint is a colour of the word list.
type paint struct {
	term
	hex, finish string
}

var paints = []paint{
	{term{"white", "White", "Bianco", "Blanc"}, "#f2f2ef", "solid"},
	{term{"black", "Black", "Nero", "Noir"}, "#141518", "metallic"},
	{term{"grey", "Grey", "Grigio", "Gris"}, "#63676c", "metallic"},
	{term{"silver", "Silver", "Argento", "Argent"}, "#b9bcc0", "metallic"},
	{term{"blue", "Blue", "Blu", "Bleu"}, "#274c77", "metallic"},
	{term{"red", "Red", "Rosso", "Rouge"}, "#8f1d22", "pearl"},
	{term{"green", "Green", "Verde", "Vert"}, "#33513f", "metallic"},
	{term{"sand", "Sand", "Sabbia", "Sable"}, "#b8a688", "solid"},
	{term{"copper", "Copper", "Rame", "Cuivre"}, "#a4552e", "pearl"},
}

var fabrics = []paint{
	{term{"cloth-dark", "Dark cloth", "Tessuto scuro", "Tissu foncé"}, "#34373a", ""},
	{term{"cloth-light", "Light cloth", "Tessuto chiaro", "Tissu clair"}, "#b5b1a8", ""},
	{term{"coated", "Coated fabric", "Rivestimento spalmato", "Sellerie enduite"}, "#1e2022", ""},
	{term{"wool", "Wool blend", "Misto lana", "Laine mélangée"}, "#5a5d57", ""},
}

var rims = []term{
	{"steel", "steel wheels", "in acciaio", "acier"}, {"multi", "multi-spoke wheels", "multirazza", "multibranches"},
	{"aero", "smooth wheels", "a faccia liscia", "à face lisse"}, {"y5", "five-spoke wheels", "a cinque razze", "à cinq branches"},
	{"turbine", "turbine wheels", "a turbina", "turbine"},
}
