package simulator

import "slices"

// habits lists what real fleets do. Each plants a few machines, more or fewer with the seed.
func habits() []habit {
	return slices.Concat(serialHabits(), nameHabits(), addressHabits(), virtualHabits(), lifeHabits(), classHabits(),
		customerHabits(), peopleHabits())
}

// classHabits are about values that are no identity.
func classHabits() []habit {
	return []habit{
		{"empty-tags", "the console's tags may have a key alone: the value is empty", func(p *planter) {
			p.times(2, 4, func(int) {
				m := p.machine(p.somewhere())
				a, _, _ := m.all()
				a.with("tags.sentinelone", []any{
					map[string]any{
						"key": "spare", "value": "", "id": "1300000000000000777", "assignedBy": "Example Administrator",
					},
				})
			})
		}},
		{"mdm-classes", "NinjaOne adds node classes with each kind of device that its MDM learns to enrol",
			func(p *planter) {
				for _, class := range []string{"CHROMEOS", "AOSP", "APPLE_TVOS", "VISIONOS"} {
					m := p.machine(p.somewhere())
					m.kind = Mobile
					m.device().shows().with("nodeClass", class)
				}
			}},
	}
}
