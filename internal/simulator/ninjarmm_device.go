package simulator

import (
	"fmt"
	"slices"
	"strings"
)

// renderPlainDevice writes a device as in /v2/devices.
func (f *fleet) renderPlainDevice(w *jsonWriter, slot int) {
	w.begin('{')
	f.deviceBaseFields(w, slot)
	w.end('}')
}

// renderDevice writes a device as in /v2/devices-detailed: one of several shapes, told by deviceType. With warranty it
// has the references that expand asks for.
func (f *fleet) renderDevice(note string, warranty bool) func(*jsonWriter, int) {
	return func(w *jsonWriter, slot int) {
		i := slot / deviceSlots
		w.begin('{')
		f.deviceBaseFields(w, slot)
		f.deviceAddresses(w, slot)
		if i%7 == 0 {
			w.raw("notes", fmt.Sprintf(`[{"text":"local administrator: %s"}]`, note))
		}
		switch kind := f.deviceType(slot); kind {
		case "AgentDevice":
			f.agentDevice(w, i)
			f.deviceUpkeep(w, i)
			if warranty {
				f.deviceReferences(w, i)
			}
		case "VMHost":
			f.hostDevice(w, i)
		case "VMGuest":
			f.guestDevice(w, i)
		case "MdmDevice":
			f.mobileDevice(w, i)
		case "CloudMonitorPing":
			w.flag("enabled", true)
			w.num("interval", 300)
			w.num("timeout", 30)
			w.str("target", "www."+f.customers[f.states[i].customer].mail)
		}
		w.str("deviceType", f.deviceType(slot))
		w.end('}')
	}
}

// deviceBaseFields writes what every shape has.
func (f *fleet) deviceBaseFields(w *jsonWriter, slot int) {
	i := slot / deviceSlots
	s := &f.states[i]
	class := slices.Index(nodeClasses(), f.nodeClass(slot))
	w.num("id", f.deviceID(slot))
	if !s.traits.Has(Sparse) {
		w.str("uid", f.guid(-2-slot, topicDetail))
	}
	if parent := f.parent(slot); parent != 0 {
		w.num("parentDeviceId", parent)
	}
	w.num("organizationId", orgID(f.orgOf(i)))
	w.num("locationId", f.deviceLocation(slot))
	w.str("nodeClass", f.nodeClass(slot))
	w.num("nodeRoleId", roleBase+class)
	w.num("rolePolicyId", policyBase+class)
	if i%10 == 3 {
		w.num("policyId", policyBase+class)
	}
	w.str("approvalStatus", [...]string{"APPROVED", "PENDING"}[digit(f.pendingDevice(slot))])
	w.flag("offline", !f.deviceOnline(slot))
	f.deviceNames(w, slot)
	w.epoch("created", f.created(i).Add(90_000_000_000))
	if f.pendingDevice(slot) && i%2 == 0 { // never seen
		w.raw("lastContact", "0.0")
	} else {
		w.epoch("lastContact", f.seenAt(i, StaleRMM))
		w.epoch("lastUpdate", f.seenAt(i, StaleRMM))
	}
	if i%2 == 0 {
		w.raw("tags", "[]")
	}
}

// parent is the id of the device that watches this one, or 0.
func (f *fleet) parent(slot int) int {
	i := slot / deviceSlots
	s := &f.states[i]
	watcher := none
	switch {
	case slot%deviceSlots == 1:
		watcher = s.host
	case s.kind == Hypervisor || s.kind == NetworkDevice:
		watcher = f.tallies[s.customer].probe
	}
	if watcher == none || int(watcher) == i || !f.hasDevice(int(watcher)*deviceSlots) {
		return 0
	}
	return f.deviceID(int(watcher) * deviceSlots)
}

// deviceNames writes the names; Windows cuts the NetBIOS name at 15 characters.
func (f *fleet) deviceNames(w *jsonWriter, slot int) {
	const netbiosLength = 15
	i := slot / deviceSlots
	s := &f.states[i]
	name := f.hostname(i)
	full := name + f.customers[s.customer].suffix()
	switch {
	case s.kind == CloudMonitor:
		w.str("displayName", "https://www."+f.customers[s.customer].mail)
	case s.kind == NetworkDevice:
		w.str("displayName", name)
		w.str("systemName", f.privateIP(i))
		w.str("dnsName", f.privateIP(i))
	case s.kind == Hypervisor:
		w.str("displayName", f.privateIP(i))
		w.str("systemName", strings.ToLower(full))
		w.str("dnsName", f.privateIP(i))
	case slot%deviceSlots == 1:
		w.str("displayName", name)
		w.str("systemName", name)
	case s.kind.Windows():
		if i%13 == 0 {
			w.str("displayName", fmt.Sprintf("Reception %d", i))
		}
		cut := strings.ToUpper(name[:min(len(name), netbiosLength)])
		w.str("systemName", cut)
		w.str("dnsName", full)
		if i%3 == 0 {
			w.str("netbiosName", cut)
		}
	default:
		w.str("systemName", name)
		w.str("dnsName", full)
	}
}

// deviceAddresses writes addresses as the classes spell them: with duplicates, and lower case for what a hypervisor
// tells.
func (f *fleet) deviceAddresses(w *jsonWriter, slot int) {
	i := slot / deviceSlots
	s := &f.states[i]
	if s.kind == CloudMonitor || s.kind == Mobile {
		return
	}
	w.list("ipAddresses", f.privateIP(i), f.linkLocal(i))
	switch {
	case slot%deviceSlots == 1 || s.kind == Hypervisor || s.kind == NetworkDevice:
		w.list("macAddresses", f.mac(i).text(":"), f.mac(i).text(":"))
	case s.traits.Has(SharedMAC):
		w.list("macAddresses", f.mac(i).upper(), f.dockMAC(i).upper(), "00:00:00:00:00:00")
	default:
		w.list("macAddresses", f.mac(i).upper())
	}
	if slot%deviceSlots == 0 && s.kind != NetworkDevice {
		w.str("publicIP", f.publicIP(i))
	}
}

// agentDevice writes what an agent on the machine tells.
func (f *fleet) agentDevice(w *jsonWriter, i int) {
	s, system := &f.states[i], f.system(i)
	w.open("os", '{')
	w.str("manufacturer", system.maker)
	w.str("name", system.rmm)
	w.str("architecture", "64-bit")
	w.epoch("lastBootTime", f.booted(i))
	w.str("buildNumber", system.build)
	w.str("releaseId", system.release)
	w.num("servicePackMajorVersion", 0)
	w.num("servicePackMinorVersion", 0)
	w.str("locale", "en-US")
	w.str("language", "English")
	w.flag("needsReboot", f.systemWaits(i))
	w.end('}')
	f.computerSystem(w, i)
	w.raw("memory", fmt.Sprintf(`{"capacity":%d}`, f.memory(i)<<20))
	w.open("processors", '[')
	w.begin('{')
	w.str("architecture", "x64")
	w.long("maxClockSpeed", 2694000000)
	w.long("clockSpeed", 2694000000)
	w.str("name", "13th Gen Intel(R) Core(TM) i7-1365U")
	w.num("numCores", f.cores(i))
	w.num("numLogicalCores", 2*f.cores(i))
	w.end('}')
	w.end(']')
	f.volumes(w, i)
	domain, user := f.user(i)
	switch {
	case user == "":
	case s.customer%4 == 2:
		w.str("lastLoggedInUser", `.\`+user)
	default:
		w.str("lastLoggedInUser", domain+`\`+user)
	}
}

// computerSystem writes make and serial numbers.
func (f *fleet) computerSystem(w *jsonWriter, i int) {
	s, m := &f.states[i], f.model(i)
	c := &f.customers[s.customer]
	name := f.hostname(i)
	bios, serial := f.boardSerial(i), f.serial(i)
	if s.kind.Virtual() && !f.hyperV(i) {
		serial = "None"
	}
	if s.traits.Has(JunkSerial) && i%2 == 0 {
		bios = serial
	}
	w.open("system", '{')
	w.str("name", name)
	w.str("manufacturer", m.maker)
	w.str("model", m.name)
	w.str("biosSerialNumber", bios)
	w.str("serialNumber", serial)
	if s.kind.Windows() {
		w.str("domain", c.netbios())
		w.str("domainRole", [...]string{"Member Workstation", "Member Server"}[digit(s.kind.Server())])
	}
	w.num("numberOfProcessors", 1)
	w.long("totalPhysicalMemory", f.memory(i)<<20)
	w.flag("virtualMachine", s.kind.Virtual())
	w.str("chassisType", s.kind.chassis())
	w.end('}')
}

// chassis is NinjaRMM's word for the case; virtual machines are called desktops.
func (k MachineKind) chassis() string {
	switch k {
	case Laptop, Mac:
		return "LAPTOP"
	case LinuxServer, LinuxVM:
		return "UNKNOWN"
	default:
		return "DESKTOP"
	}
}

// volumes writes the disks.
func (f *fleet) volumes(w *jsonWriter, i int) {
	w.open("volumes", '[')
	for n := range f.volumeCount(i) {
		w.begin('{')
		w.num("nodeId", f.deviceID(i*deviceSlots))
		f.volume(w, i, n, true)
		w.end('}')
	}
	w.end(']')
}

// volume writes the members of a disk; free space moves with each check-in. BitLocker is of Windows.
func (f *fleet) volume(w *jsonWriter, i, n int, bitLocker bool) {
	const gib = 1 << 30
	size := f.between(i, topicHardware, 120, 900)
	free := f.between(i, topicDetail, 10, 100)*gib + int(f.states[i].seen)*4096
	windows := f.states[i].kind.Windows()
	letter := [...]string{"C:", "D:"}[n]
	if !windows {
		letter = [...]string{"/", "/data"}[n]
	}
	w.str("name", letter)
	w.str("driveLetter", letter)
	w.str("label", "")
	w.str("deviceType", "Local Disk")
	w.str("fileSystem", [...]string{"ext4", "NTFS"}[digit(windows)])
	w.flag("autoMount", false)
	w.flag("compressed", false)
	w.num("capacity", size*gib)
	w.num("freeSpace", free/(n+1))
	w.str("serialNumber", fmt.Sprintf("%08X", uint32(f.roll(i+n, topicSerial))))
	if bitLocker && windows {
		f.bitLocker(w, i, n)
	}
}

// hostDevice writes a hypervisor: flat, with the serial number as serviceTag.
func (f *fleet) hostDevice(w *jsonWriter, i int) {
	m, edits := f.model(i), int(f.states[i].edits)
	w.num("cpuMhz", 2195)
	w.str("cpuModel", "Intel(R) Xeon(R) Silver 4114 CPU @ 2.20GHz")
	w.flag("htActive", true)
	w.flag("htAvailable", true)
	w.epoch("lastBootTime", f.booted(i))
	w.long("memorySize", 96<<30)
	w.str("model", m.name)
	w.str("name", strings.ToLower(f.hostname(i)))
	w.num("cpuPackages", 2)
	w.num("cpuThreads", 40)
	w.str("serviceTag", f.serial(i))
	w.str("vendor", m.maker)
	w.str("releaseName", fmt.Sprintf("VMware ESXi 8.0.1 build-%d", 21813344+edits))
	w.str("version", "8.0.1")
	w.str("buildNumber", fmt.Sprint(21813344+edits))
}

// guestDevice writes a virtual machine as its hypervisor sees it: flat, without a serial number.
func (f *fleet) guestDevice(w *jsonWriter, i int) {
	w.str("fullName", f.hostname(i))
	w.str("guestOSFullName", f.system(i).deployment)
	w.str("guestOSFamily", [...]string{"linuxGuest", "windowsGuest"}[digit(f.states[i].kind == WindowsVM)])
	w.str("powerState", "POWERED_ON")
	w.long("memorySize", f.memory(i)<<20)
	w.num("cpuCores", f.cores(i))
	w.num("coresPerSocket", 1)
	w.str("toolStatus", "OK")
	w.num("snapshotCount", 0)
}

// mobileDevice writes a phone.
func (f *fleet) mobileDevice(w *jsonWriter, i int) {
	m := f.model(i)
	w.open("system", '{')
	w.str("displayName", f.hostname(i))
	w.str("name", f.hostname(i))
	w.str("manufacturer", m.maker)
	w.str("model", m.name)
	w.str("serialNumber", f.serial(i))
	w.str("build", fmt.Sprintf("22B%d", 83+f.states[i].edits))
	w.end('}')
	w.raw("network", `[{"imei":"350000000000000","carrier":"Example Mobile"}]`)
}
