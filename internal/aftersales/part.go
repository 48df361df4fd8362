package aftersales

// TyreLabel are the values that a buyer of a tyre must see beside its price (Regulation (EU) 2020/740).
type TyreLabel struct {
	Fuel       string `yaml:"fuel" json:"fuel"`               // A to E
	WetGrip    string `yaml:"wet_grip" json:"wet_grip"`       // A to E
	NoiseDB    int    `yaml:"noise_db" json:"noise_db"`       // of the outside rolling noise
	NoiseClass string `yaml:"noise_class" json:"noise_class"` // A to C
	Snow       bool   `yaml:"snow" json:"snow,omitempty"`
	Ice        bool   `yaml:"ice" json:"ice,omitempty"`
	EPREL      string `yaml:"eprel" json:"eprel,omitempty"` // number in the register; empty for what the demo made up
}
