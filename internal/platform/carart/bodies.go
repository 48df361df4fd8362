package carart

// shape is a silhouette. All figures are millimetres; x counts from the nose, h from the road.
type shape struct {
	length float64
	axles  [2]float64 // x of the wheels
	tyre   float64    // radius
	sill   float64    // lower edge of the doors
	clad   float64    // 0 painted bumpers, 1 full plastic protection
	front  front
	body   []pt // clockwise from the foot of the front bumper
	glass  []pt // side windows as one piece
	posts  []post
	vent   float64    // x of the small division behind the mirror
	doors  [3]float64 // x of the shut lines
	belt   [2]float64 // h of the window line, front and rear
	crease [2]float64 // h of the line pressed into the doors
	lamp   []pt       // six corners
	tail   []pt
	roof   [2]float64 // x of the roof's ends
	blind  bool       // no rear windows: a van
}

// post divides the windows; wide ones are painted.
type post struct{ from, to, lean float64 }

var shapes = map[Body]shape{
	Hatch: hatch, Stepway: raised(hatch, 45), Saloon: saloon, Estate: estate, City: city,
	SUV: suv, SUVLarge: suvLarge, CoupeSUV: coupeSUV, Van: van, VanGlazed: glazed(van),
	Supermini: hatch.cut(figures{4053, 2583, 1440, 1798, 322, &keen}, 0, nil),
	HatchEV:   hatch.cut(figures{4199, 2685, 1505, 1783, 346, &calm}, .55, []post{{2240, 2300, 64}, {3180, 3240, 40}}),
	SUVSmall:  suv.cut(figures{4239, 2639, 1575, 1797, 346, &keen}, .55, floating),
	SUVLong:   suv.cut(figures{4413, 2638, 1576, 1797, 352, &keen}, .55, floating),
	SUVFamily: suvLarge.cut(figures{4510, 2667, 1618, 1825, 362, &keen}, .55, []post{{2370, 2440, 50}, {3470, 3540, 60}}),
	SUVEV:     suvLarge.cut(figures{4470, 2785, 1571, 1864, 372, &calm}, .55, []post{{2370, 2440, 64}, {3520, 3590, 80}}),
}

// floating posts are dark, so that the roof seems to float.
var floating = []post{{2330, 2400, 60}, {3340, 3400, 50}}

// figures are what a data sheet says of a car, and its face.
type figures struct {
	length, wheelbase, height, width, tyre float64
	look                                   *look
}

var hatch = shape{
	front:  front{width: 1848, depth: 430, square: 2.5, tumble: 0.36, look: &rugged},
	length: 4088, axles: [2]float64{838, 3442}, tyre: 318, sill: 300,
	body: []pt{
		{110, 215, 70, 0}, {28, 330, 90, 8}, {20, 560, 90, 16}, {82, 765, 150, 24}, {330, 905, 260, 30}, {1120, 1010, 120, 22},
		{1800, 1432, 420, 20}, {2500, 1499, 900, 12}, {3500, 1418, 90, 10}, {3610, 1392, 40, 0}, {3905, 1010, 150, 14},
		{4022, 900, 80, 10}, {4072, 560, 110, 14}, {4040, 330, 90, 0}, {3950, 235, 70, 0},
	},
	glass: []pt{{1250, 1010, 40, 6}, {1835, 1392, 180, 10}, {2500, 1432, 600, 8}, {3330, 1362, 90, 8}, {3660, 1120, 70, 6}, {3560, 1072, 60, 8}},
	posts: []post{{2270, 2330, 70}, {3150, 3330, 50}}, vent: 1500,
	doors: [3]float64{1290, 2300, 3300}, belt: [2]float64{1030, 1085}, crease: [2]float64{800, 860},
	lamp: []pt{{x: 78, h: 770}, {x: 150, h: 812}, {x: 520, h: 862}, {x: 500, h: 800}, {x: 330, h: 752}, {x: 96, h: 718}},
	tail: []pt{{x: 4030, h: 905}, {x: 3880, h: 930}, {x: 3730, h: 930}, {x: 3790, h: 860}, {x: 4052, h: 790}},
	roof: [2]float64{1760, 3520},
}

var saloon = shape{
	front:  front{width: 1790, depth: 440, square: 2.4, tumble: 0.37, look: &stately},
	length: 4560, axles: [2]float64{872, 3576}, tyre: 326, sill: 295,
	body: []pt{
		{120, 210, 70, 0}, {34, 325, 90, 8}, {20, 545, 90, 14}, {76, 745, 150, 24}, {340, 880, 280, 30}, {1240, 985, 120, 24},
		{1960, 1376, 440, 20}, {2600, 1448, 900, 14}, {3230, 1388, 420, 20}, {3970, 1075, 190, -8}, {4420, 1046, 110, 8},
		{4505, 985, 60, 6}, {4544, 600, 110, 14}, {4520, 340, 90, 0}, {4420, 230, 70, 0},
	},
	glass: []pt{{1370, 986, 40, 6}, {1990, 1338, 190, 10}, {2600, 1386, 600, 8}, {3150, 1336, 260, 12}, {3640, 1096, 60, 4}, {3540, 1046, 60, 8}},
	posts: []post{{2390, 2450, 70}, {3205, 3265, 60}}, vent: 1620,
	doors: [3]float64{1400, 2420, 3330}, belt: [2]float64{1006, 1060}, crease: [2]float64{780, 850},
	lamp: []pt{{x: 74, h: 752}, {x: 150, h: 796}, {x: 560, h: 842}, {x: 540, h: 786}, {x: 340, h: 736}, {x: 92, h: 704}},
	tail: []pt{{x: 4508, h: 985}, {x: 4330, h: 1005}, {x: 4130, h: 985}, {x: 4200, h: 925}, {x: 4530, h: 850}},
	roof: [2]float64{1900, 3300},
}

var suv = shape{
	front:  front{width: 1813, depth: 360, square: 3, tumble: 0.3, look: &rugged},
	length: 4343, axles: [2]float64{858, 3515}, tyre: 358, sill: 430, clad: 1,
	body: []pt{
		{170, 285, 90, 0}, {40, 400, 80, 6}, {18, 620, 80, 10}, {26, 880, 110, 10}, {150, 1040, 140, 16}, {1170, 1130, 90, 18},
		{1710, 1558, 260, 14}, {2500, 1622, 800, 10}, {3720, 1560, 90, 8}, {3850, 1530, 50, 0}, {4105, 1130, 120, 12},
		{4250, 1030, 80, 8}, {4318, 760, 90, 8}, {4322, 520, 90, 0}, {4230, 330, 90, 0},
	},
	glass: []pt{{1310, 1140, 40, 6}, {1775, 1508, 150, 8}, {2500, 1556, 600, 8}, {3500, 1512, 70, 6}, {3720, 1470, 60, 0}, {3900, 1235, 80, 0}, {3560, 1175, 80, 10}},
	posts: []post{{2330, 2400, 60}, {3300, 3480, -110}}, vent: 1560,
	doors: [3]float64{1370, 2370, 3330}, belt: [2]float64{1150, 1190}, crease: [2]float64{905, 955},
	lamp: []pt{{x: 24, h: 905}, {x: 70, h: 990}, {x: 430, h: 1035}, {x: 470, h: 965}, {x: 250, h: 925}, {x: 30, h: 860}},
	tail: []pt{{x: 4245, h: 1035}, {x: 4060, h: 1050}, {x: 3960, h: 1050}, {x: 3960, h: 990}, {x: 4150, h: 955}, {x: 4150, h: 860}, {x: 4290, h: 850}},
	roof: [2]float64{1690, 3850},
}

var suvLarge = shape{
	front:  front{width: 1813, depth: 340, square: 3.2, tumble: 0.27, look: &rugged},
	length: 4570, axles: [2]float64{880, 3610}, tyre: 368, sill: 440, clad: 1,
	body: []pt{
		{180, 290, 90, 0}, {44, 400, 80, 6}, {18, 640, 80, 8}, {22, 930, 90, 8}, {130, 1085, 110, 12}, {1150, 1165, 90, 18},
		{1640, 1600, 240, 12}, {2500, 1672, 800, 8}, {4080, 1622, 90, 6}, {4200, 1590, 50, 0}, {4400, 1150, 120, 8},
		{4498, 1060, 70, 6}, {4548, 780, 90, 8}, {4550, 530, 90, 0}, {4460, 335, 90, 0},
	},
	glass: []pt{{1290, 1172, 40, 6}, {1705, 1552, 140, 6}, {2500, 1606, 600, 6}, {3900, 1572, 60, 4}, {4085, 1530, 60, 0}, {4215, 1255, 80, 0}, {3700, 1200, 80, 10}},
	posts: []post{{2370, 2440, 50}, {3400, 3470, 30}, {3760, 3930, -60}}, vent: 1540,
	doors: [3]float64{1390, 2405, 3430}, belt: [2]float64{1180, 1215}, crease: [2]float64{930, 975},
	lamp: []pt{{x: 20, h: 950}, {x: 60, h: 1035}, {x: 400, h: 1075}, {x: 440, h: 1010}, {x: 240, h: 975}, {x: 26, h: 905}},
	tail: []pt{{x: 4495, h: 1062}, {x: 4330, h: 1080}, {x: 4220, h: 1080}, {x: 4230, h: 1015}, {x: 4400, h: 985}, {x: 4400, h: 870}, {x: 4526, h: 860}},
	roof: [2]float64{1620, 4200},
}

var coupeSUV = shape{
	front:  front{width: 1866, depth: 420, square: 2.7, tumble: 0.36, look: &keen},
	length: 4568, axles: [2]float64{884, 3604}, tyre: 366, sill: 410, clad: 1,
	body: []pt{
		{160, 275, 90, 0}, {38, 390, 80, 6}, {18, 600, 80, 10}, {34, 830, 120, 14}, {190, 985, 170, 20}, {1230, 1085, 100, 20},
		{1850, 1488, 340, 16}, {2480, 1566, 800, 12}, {3180, 1512, 700, 20}, {4200, 1148, 120, 0}, {4420, 1112, 60, 8},
		{4500, 1040, 60, 6}, {4540, 760, 90, 8}, {4546, 510, 90, 0}, {4460, 320, 90, 0},
	},
	glass: []pt{{1370, 1096, 40, 6}, {1890, 1448, 190, 8}, {2480, 1506, 600, 10}, {3080, 1448, 400, 14}, {3740, 1196, 60, 4}, {3600, 1146, 70, 8}},
	posts: []post{{2380, 2450, 64}, {3300, 3362, 80}}, vent: 1620,
	doors: [3]float64{1420, 2420, 3400}, belt: [2]float64{1106, 1164}, crease: [2]float64{870, 940},
	lamp: []pt{{x: 32, h: 862}, {x: 100, h: 930}, {x: 500, h: 990}, {x: 500, h: 930}, {x: 300, h: 880}, {x: 40, h: 815}},
	tail: []pt{{x: 4505, h: 1044}, {x: 4300, h: 1058}, {x: 4090, h: 1030}, {x: 4130, h: 980}, {x: 4380, h: 960}, {x: 4526, h: 900}},
	roof: [2]float64{1800, 3300},
}

var estate = shape{
	front:  front{width: 1784, depth: 400, square: 2.6, tumble: 0.31, look: &rugged},
	length: 4547, axles: [2]float64{842, 3739}, tyre: 334, sill: 350, clad: .55,
	body: []pt{
		{130, 250, 80, 0}, {36, 350, 80, 8}, {20, 560, 90, 14}, {62, 800, 140, 20}, {300, 945, 220, 26}, {1130, 1050, 110, 20},
		{1800, 1480, 380, 16}, {2600, 1556, 800, 6}, {4080, 1560, 80, 4}, {4230, 1530, 60, 0}, {4420, 1060, 130, 16},
		{4490, 960, 70, 8}, {4528, 600, 110, 12}, {4510, 370, 90, 0}, {4420, 265, 80, 0},
	},
	glass: []pt{{1260, 1056, 40, 6}, {1850, 1432, 170, 8}, {2600, 1492, 600, 4}, {3950, 1494, 60, 2}, {4120, 1440, 60, 0}, {4215, 1190, 80, 0}, {3560, 1120, 80, 8}},
	posts: []post{{2330, 2395, 66}, {3290, 3360, 40}, {3560, 3640, 40}}, vent: 1530,
	doors: [3]float64{1310, 2365, 3335}, belt: [2]float64{1070, 1130}, crease: [2]float64{835, 900},
	lamp: []pt{{x: 60, h: 808}, {x: 130, h: 862}, {x: 500, h: 918}, {x: 490, h: 850}, {x: 310, h: 800}, {x: 78, h: 752}},
	tail: []pt{{x: 4415, h: 1080}, {x: 4375, h: 1180}, {x: 4300, h: 1360}, {x: 4250, h: 1350}, {x: 4330, h: 1120}, {x: 4340, h: 900}, {x: 4495, h: 880}},
	roof: [2]float64{1770, 4230},
}

var city = shape{
	front:  front{width: 1583, depth: 330, square: 2.6, tumble: 0.3, look: &rugged},
	length: 3701, axles: [2]float64{704, 3127}, tyre: 300, sill: 300, clad: .55,
	body: []pt{
		{110, 235, 70, 0}, {26, 340, 80, 8}, {16, 560, 90, 14}, {44, 830, 120, 18}, {210, 970, 170, 22}, {900, 1060, 110, 20},
		{1450, 1452, 330, 18}, {2050, 1518, 700, 14}, {3150, 1448, 80, 8}, {3260, 1418, 50, 0}, {3500, 1040, 130, 14},
		{3630, 930, 80, 10}, {3684, 600, 110, 12}, {3668, 340, 90, 0}, {3590, 245, 70, 0},
	},
	glass: []pt{{1030, 1062, 40, 6}, {1495, 1402, 150, 10}, {2050, 1454, 500, 10}, {2960, 1400, 70, 6}, {3100, 1360, 60, 0}, {3270, 1165, 70, 0}, {2960, 1110, 60, 8}},
	posts: []post{{1980, 2040, 60}, {2800, 2920, -50}}, vent: 1260,
	doors: [3]float64{1060, 2010, 2850}, belt: [2]float64{1075, 1120}, crease: [2]float64{830, 880},
	lamp: []pt{{x: 40, h: 838}, {x: 90, h: 905}, {x: 380, h: 952}, {x: 372, h: 880}, {x: 220, h: 835}, {x: 52, h: 780}},
	tail: []pt{{x: 3628, h: 935}, {x: 3490, h: 965}, {x: 3400, h: 965}, {x: 3440, h: 890}, {x: 3660, h: 800}},
	roof: [2]float64{1420, 3260},
}

var van = shape{
	front:  front{width: 1860, depth: 400, square: 2.7, tumble: 0.16, look: &keen},
	length: 4486, axles: [2]float64{902, 3618}, tyre: 330, sill: 330, clad: .55, blind: true,
	body: []pt{
		{120, 240, 80, 0}, {30, 350, 80, 8}, {18, 600, 90, 14}, {46, 860, 130, 18}, {260, 1030, 190, 22}, {950, 1180, 120, 20},
		{1600, 1716, 360, 16}, {2200, 1842, 700, 10}, {4180, 1836, 120, 4}, {4330, 1780, 90, 8}, {4440, 1100, 200, 6},
		{4462, 620, 110, 8}, {4462, 380, 80, 0}, {4380, 262, 70, 0},
	},
	glass: []pt{{1090, 1186, 40, 6}, {1635, 1650, 160, 10}, {1900, 1712, 160, 6}, {2150, 1728, 60, 0}, {2190, 1160, 60, 8}},
	vent:  1400,
	doors: [3]float64{1130, 2240, 3330}, belt: [2]float64{1175, 1160}, crease: [2]float64{835, 880},
	lamp: []pt{{x: 46, h: 868}, {x: 110, h: 945}, {x: 470, h: 1010}, {x: 470, h: 930}, {x: 290, h: 870}, {x: 58, h: 812}},
	tail: []pt{{x: 4405, h: 1180}, {x: 4370, h: 1480}, {x: 4300, h: 1480}, {x: 4318, h: 1010}, {x: 4452, h: 990}},
	roof: [2]float64{1560, 4330},
}

// glazed gives a van windows behind the front doors.
func glazed(s shape) shape {
	s.blind = false
	s.glass = []pt{{1090, 1186, 40, 6}, {1635, 1650, 160, 10}, {2100, 1738, 300, 4}, {4060, 1742, 90, 2}, {4200, 1690, 80, 0}, {4300, 1190, 90, 0}, {3560, 1160, 60, 4}}
	s.posts = []post{{2210, 2290, 24}, {3290, 3400, 16}}
	return s
}

// raised puts a shape on longer springs and bigger wheels, with plastic around the arches.
func raised(s shape, by float64) shape {
	lift := func(pts []pt) []pt {
		out := make([]pt, len(pts))
		for i, p := range pts {
			p.h += by
			out[i] = p
		}
		return out
	}
	s.body, s.glass, s.lamp, s.tail = lift(s.body), lift(s.glass), lift(s.lamp), lift(s.tail)
	s.belt[0], s.belt[1] = s.belt[0]+by, s.belt[1]+by
	s.crease[0], s.crease[1] = s.crease[0]+by, s.crease[1]+by
	s.clad, s.tyre, s.sill = .55, s.tyre+20, s.sill+70
	return s
}

// top is the height of the roof's highest corner.
func (s shape) top() float64 {
	top := 0.0
	for _, p := range s.body {
		top = max(top, p.h)
	}
	return top
}

// screens are the indexes of the body's corners where wind screen and rear screen begin.
func (s shape) screens() (front, rear int) {
	for i, p := range s.body {
		if front == 0 && p.x > .19*s.length {
			front = i
		}
		if p.h > s.top()*.9 {
			rear = i
		}
	}
	return front, rear
}

// cut makes another car of a shape: its ends keep their lines, all between is stretched to the figures.
func (s shape) cut(f figures, clad float64, posts []post) shape {
	front, rear := s.axles[0], s.axles[1]
	over := (f.length - f.wheelbase) / (s.length - (rear - front))
	k, lift := f.wheelbase/(rear-front), (f.height-s.sill)/(s.top()-s.sill)
	x := func(v float64) float64 {
		switch {
		case v < front:
			return v * over
		case v < rear:
			return front*over + (v-front)*k
		}
		return front*over + f.wheelbase + (v-rear)*over
	}
	h := func(v float64) float64 {
		if v < s.sill {
			return v
		}
		return s.sill + (v-s.sill)*lift
	}
	moved := func(pts []pt) []pt {
		out := make([]pt, len(pts))
		for i, p := range pts {
			out[i] = pt{x(p.x), h(p.h), p.r, p.bow}
		}
		return out
	}
	if posts == nil {
		posts = s.posts
	}
	out := s
	out.length, out.tyre, out.clad, out.vent = f.length, f.tyre, clad, x(s.vent)
	out.front.width, out.front.look = f.width, f.look
	out.axles, out.roof = [2]float64{x(front), x(rear)}, [2]float64{x(s.roof[0]), x(s.roof[1])}
	out.body, out.glass, out.lamp, out.tail, out.posts = moved(s.body), moved(s.glass), moved(s.lamp), moved(s.tail), nil
	for _, p := range posts {
		out.posts = append(out.posts, post{x(p.from), x(p.to), p.lean})
	}
	for i, v := range s.doors {
		out.doors[i] = x(v)
	}
	for i := range s.belt {
		out.belt[i], out.crease[i] = h(s.belt[i]), h(s.crease[i])
	}
	return out
}
