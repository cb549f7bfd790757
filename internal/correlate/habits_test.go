package correlate

import (
	"fmt"
	"slices"
	"strings"
)

const (
	vmSerial  = "serial=VMware-42_1f_aa_bb_cc_dd_ee_01-02_03_04_05_06_07_08_09"
	vm1, vm2  = "00:50:56:8a:00:01", "00:50:56:8a:00:02"
	dell      = "make=Dell_Inc. model=Latitude_5440"
	vmwareVM  = "make=VMware,_Inc. model=VMware7,1"
	hyperVM   = "make=Microsoft_Corporation model=Virtual_Machine"
	wifi      = "a4:4c:c8:00:00:01"
	dellTag   = "serial=5CGX7K2"
	hyperVMAC = "00:15:5d:01:0a:00"
)

// machineCases are the rows of what went wrong in trials, each with its variants, and neighbours that must stay right.
func machineCases() []habitCase {
	cases := []habitCase{
		// A name is used again: a join must hold against every member of both sides.
		{"a retired agent's name is used again", []string{
			"a1 name=pc-7 mac=" + mac1 + " seen=4", "d1 name=pc-7 mac=" + mac2 + " serial=ABC1234 born=9", "c1 name=pc-7 serial=ABC1234 born=9"},
			"a1 | c1 d1", ""},
		{"a name is used again, and nobody knows when", []string{
			"a1 name=pc-7 mac=" + mac1, "d1 name=pc-7 mac=" + mac2 + " serial=ABC1234", "c1 name=pc-7 serial=ABC1234"}, "a1 | c1 d1", ""},
		{"a dead agent's name is used again", []string{
			"a1 name=pc-7 mac=" + mac1 + " seen=4 dead", "d1 name=pc-7 mac=" + mac2 + " serial=ABC1234 born=9",
			"c1 name=pc-7 serial=ABC1234 born=9"},
			"a1 | c1 d1", ""},
		{"a retired guest's name is used again", []string{
			"g2 name=pc-7 mac=" + mac1 + " seen=4", "d1 name=pc-7 mac=" + mac2 + " serial=ABC1234 born=9", "c1 name=pc-7 serial=ABC1234 born=9"},
			"c1 d1 | d2", ""},
		{"a name without a rival is still evidence", []string{"a1 name=pc-7 mac=" + mac1, "c1 name=pc-7 serial=ABC1234"}, "a1 c1", ""},

		// Clones share serial numbers: what keeps records apart keeps clusters apart.
		{"a clone that only the RMM shows", []string{
			"a1 " + vmSerial + " name=origin mac=" + vm1 + " " + vmwareVM, "c1 " + vmSerial + " name=origin " + vmwareVM,
			"d1 " + vmSerial + " name=clone mac=" + vm2 + " " + vmwareVM},
			"a1 c1 | d1", ""},
		{"a clone that only ImmyBot and the RMM show", []string{
			"a1 " + vmSerial + " name=origin mac=" + vm1 + " " + vmwareVM, "c1 " + vmSerial + " name=clone " + vmwareVM,
			"d1 " + vmSerial + " name=clone mac=" + vm2 + " " + vmwareVM},
			"a1 | c1 d1", ""},
		{"a virtual machine without a clone", []string{
			"a1 " + vmSerial + " name=vm mac=" + vm1 + " " + vmwareVM, "c1 " + vmSerial + " name=vm " + vmwareVM,
			"d1 " + vmSerial + " name=vm mac=" + vm1 + " " + vmwareVM},
			"a1 c1 d1", ""},

		{"clones of Hyper-V, of which no make is known", []string{
			"a1 serial=7491-6111-5058-7019-6471-4848-83 name=origin", "c1 serial=7491-6111-5058-7019-6471-4848-83 name=origin",
			"d1 serial=7491-6111-5058-7019-6471-4848-83 name=clone mac=" + hyperVMAC}, "a1 c1 | d1", ""},
		{"a clone in a cloud, and its computer has a link", []string{
			"a1 serial=ec2a1b2c-1111-2222-3333-444455556666 uuid=" + uuid1 + " name=origin make=Amazon_EC2",
			"c1 serial=ec2a1b2c-1111-2222-3333-444455556666 name=origin link=sentinelone:" + uuid1,
			"d1 serial=ec2a1b2c-1111-2222-3333-444455556666 name=clone make=Amazon_EC2"}, "a1 c1 | d1", ""},
		{"a virtual machine that was renamed keeps its address", []string{
			"a1 " + vmSerial + " name=old mac=" + vm1, "d1 " + vmSerial + " name=new mac=" + vm1}, "a1 d1", ""},

		// A serial number that alone speaks across names and customers, of no known maker.
		{"a placeholder of another board, at two customers", []string{
			"c1 serial=SYS-1234567890 name=one at=1", "d1 serial=SYS-1234567890 name=two at=2"}, "c1 | d1", ""},
		{"a placeholder that no list has, at two customers", []string{
			"c1 serial=ACME-PC-SHOP name=one at=1 make=ASRock", "d1 serial=ACME-PC-SHOP name=two at=2 make=ASRock"}, "c1 | d1", ""},
		{"a placeholder that no list has, of no maker", []string{
			"c1 serial=WHITEBOX2021 name=one at=1", "d1 serial=WHITEBOX2021 name=two at=2"}, "c1 | d1", ""},
		{"an unknown maker's serial number with the name", []string{
			"c1 serial=WB20210017 name=one at=1", "d1 serial=WB20210017 name=one at=1"}, "c1 d1", ""},
		{"an unknown maker's serial number within one customer", []string{
			"c1 serial=WB20210017 name=one at=1", "d1 serial=WB20210017 name=two at=1"}, "c1 d1", ""},
		{"a known maker's serial number across names and customers", []string{
			"c1 " + dellTag + " name=one at=1 " + dell, "d1 " + dellTag + " name=two at=2 " + dell}, "c1 d1", ""},

		// Physical hardware: the maker's serial number decides.
		{"a notebook by Wi-Fi and by wire, renamed", []string{
			"a1 " + dellTag + " name=old mac=" + wifi + " " + dell, "d1 " + dellTag + " name=new mac=" + mac1 + " " + dell}, "a1 d1", ""},
		{"the same, and ImmyBot shows the old name", []string{
			"a1 " + dellTag + " name=old mac=" + wifi + " " + dell, "d1 " + dellTag + " name=new mac=" + mac1 + " " + dell,
			"c1 " + dellTag + " name=old " + dell}, "a1 c1 d1", ""},
		{"a Surface by Wi-Fi and by dongle, renamed", []string{
			"a1 serial=012345678957 name=old mac=" + wifi + " make=Microsoft_Corporation model=Surface_Pro_9",
			"d1 serial=012345678957 name=new mac=00:50:b6:00:00:01 make=Microsoft_Corporation model=Surface_Pro_9"}, "a1 d1", ""},
		{"a virtual machine of Microsoft's is no Surface", []string{
			"a1 serial=XYZ1234567 name=old mac=" + vm1 + " " + hyperVM, "d1 serial=XYZ1234567 name=new mac=" + vm2 + " " + hyperVM}, "a1 | d1", ""},
		{"what an assembler wrote on a board of a known maker", []string{
			"c1 serial=ACME-PC-7 name=one at=1 make=ASUSTeK_COMPUTER_INC.", "d1 serial=ACME-PC-7 name=two at=2 make=ASUSTeK_COMPUTER_INC."}, "c1 | d1", ""},
		{"nodes of one chassis", []string{
			"a1 " + dellTag + " name=node1 mac=" + mac1 + " " + dell, "a2 " + dellTag + " name=node2 mac=" + mac2 + " " + dell,
			"d1 " + dellTag + " name=node1 mac=" + mac1 + " " + dell, "d2 " + dellTag + " name=node2 mac=" + mac2 + " " + dell},
			"a1 d1 | a2 d2", ""},
		{"sold on and renamed", []string{
			"a1 " + dellTag + " name=old mac=" + mac1 + " at=1 dead " + dell, "d1 " + dellTag + " name=new mac=" + mac1 + " at=2 " + dell},
			"a1 d1", ""},

		// Containers: the telling address is kept.
		{"sixty addresses of containers before the real one", []string{
			"a1 name=old mac=" + containers(60) + ",f4:03:43:00:00:01", "d1 name=new serial=ABC1234 mac=f4:03:43:00:00:01"}, "a1 d1", ""},
		{"ten addresses of containers before the real one", []string{
			"a1 name=old mac=" + containers(10) + ",f4:03:43:00:00:01", "d1 name=new serial=ABC1234 mac=f4:03:43:00:00:01"}, "a1 d1", ""},

		// Names as systems write them.
		{"a display name before the system's name", []string{
			rmmDevice("Front desk", "ACME_PC_01"),
			"a1 name=ACME·PC·01"}, "a1 d1", ""},
		{"the same with blanks", []string{
			rmmDevice("Boss", "PC Empfang 2"),
			`immybot/computer {"id":1,"tenantId":1,"computerName":"PC Empfang 2"}`}, "c1 d1", ""},
		{"the same with umlauts", []string{
			rmmDevice("Boss", "MÜLLER-PC"),
			`immybot/computer {"id":1,"tenantId":1,"computerName":"müller-pc"}`}, "c1 d1", ""},
		{"a display name is for people", []string{
			rmmDevice("ACME_PC_01", "ACME_PC_02"),
			"a1 name=ACME·PC·01"}, "a1 | d1", ""},
		{"two spellings of one umlaut", []string{"a1 name=Bu\u0308ro-7", "c1 name=B\u00fcro-7"}, "a1 c1", ""},
		{"a name of digits", []string{"a1 name=1042", "d1 name=1042"}, "a1 d1", ""},
		{"the only SERVER of a customer", []string{"a1 name=SERVER", "c1 name=server"}, "a1 c1", ""},
		{"the SERVERs of two customers", []string{"a1 name=SERVER at=1", "c1 name=server at=2"}, "a1 | c1", ""},
		{"two SERVERs of one customer, one of them gone", []string{
			"a1 name=SERVER mac=" + mac1 + " dead", "a2 name=SERVER mac=" + mac2, "c1 name=server"}, "a1 | a2 | c1", ""},
		{"letters of full width", []string{"a1 name=\uff30\uff23\uff17", "c1 name=pc7"}, "a1 c1", ""},
		{"an address is no name", []string{"a1 name=10.0.0.7", "c1 name=10.0.0.9"}, "a1 | c1", ""},
		{"a longer name of NinjaRMM's goes on where Windows has cut it", []string{
			`ninjarmm/device {"id":1,"organizationId":1,"approvalStatus":"APPROVED","nodeClass":"WINDOWS_WORKSTATION","systemName":"RECEPTION-FRONT",
				"dnsName":"reception-frontdesk.acme.example"}`, "a1 name=RECEPTION-FRONTDESK", "a2 name=RECEPTION-FRONTDOOR"}, "a1 d1 | a2", ""},
		{"two of a generic name at one customer", []string{
			"a1 name=localhost mac=" + mac1, "a2 name=localhost mac=" + mac2, "c1 name=localhost"}, "a1 | a2 | c1", ""},

		// Placeholders are as good as absent.
		{"the second agent tells the serial number", []string{
			deployed("", `{"id":1,"serial":"00000000"},{"id":2,"serial":"5CGX7K2"}`),
			"d1 " + dellTag + " name=other " + dell}, "c1 d1", ""},
		{"the computer's own serial number is a placeholder", []string{
			deployed("To be filled by O.E.M.", `{"id":1,"serial":"5CGX7K2"}`),
			"d1 " + dellTag + " name=other " + dell}, "c1 d1", ""},
		{"the RMM's serial number is a placeholder, its tag is not", []string{
			`ninjarmm/device {"id":1,"organizationId":1,"approvalStatus":"APPROVED","nodeClass":"VMWARE_VM_HOST","systemName":"esx1","serviceTag":"5CGX7K2","system":{"serialNumber":"None"}}`,
			"a1 " + dellTag + " name=other " + dell}, "a1 d1", ""},

		// Live records alone count.
		{"sixty agents of one virtual desktop, one of them alive", append(desktops(59),
			"a99 "+vmSerial+" name=vdi mac="+vm1, "d1 "+vmSerial+" name=vdi mac="+vm1, "c1 "+vmSerial+" name=vdi"),
			strings.Join(append(agentNames(59), "a99", "c1", "d1"), " "), ""},

		// Set up again: lifetimes that do not overlap.
		{"set up again under another name, in another dock", []string{
			"a1 " + dellTag + " name=old mac=c8:f7:50:00:00:01 born=1 seen=4 " + dell,
			"a2 " + dellTag + " name=new mac=48:2a:e3:00:00:01 born=5 seen=9 " + dell,
			"d1 " + dellTag + " name=new mac=" + mac1 + " " + dell, "c1 " + dellTag + " name=new " + dell}, "a1 a2 c1 d1", ""},
		{"the same while both are alive", []string{
			"a1 " + dellTag + " name=old mac=c8:f7:50:00:00:01 born=1 seen=9 " + dell,
			"a2 " + dellTag + " name=new mac=48:2a:e3:00:00:01 born=5 seen=9 " + dell}, "a1 | a2", ""},
		{"set up again, without a serial number, with both built-in addresses", []string{
			"a1 name=old mac=" + mac1 + "," + wifi + " born=1 seen=4", "a2 name=new mac=" + mac1 + "," + wifi + " born=5 seen=9",
			"d1 name=new mac=" + mac1 + "," + wifi}, "a1 a2 d1", ""},
		{"the rivals of a computer are one machine", []string{
			"a1 " + dellTag + " name=old mac=c8:f7:50:00:00:01 born=1 seen=4 " + dell,
			"a2 " + dellTag + " name=new mac=48:2a:e3:00:00:01 born=5 seen=9 " + dell, "c1 " + dellTag + " " + dell},
			"a1 a2 c1", ""},
		{"ImmyBot's two computers of one machine", []string{
			"c1 " + dellTag + " name=old born=1 seen=4 " + dell, "c2 " + dellTag + " name=new born=5 seen=9 " + dell,
			"d1 " + dellTag + " name=new " + dell}, "c1 c2 d1", ""},
		{"the RMM's two devices of one machine", []string{
			"d1 " + dellTag + " name=old mac=" + wifi + " born=1 seen=4 " + dell,
			"d2 " + dellTag + " name=new mac=" + mac1 + " born=5 seen=9 " + dell, "a1 " + dellTag + " name=new mac=" + mac1 + " " + dell},
			"a1 d1 d2", ""},
	}
	return append(cases, addressCases()...)
}

// addressCases: an address that several machines show is no evidence, and no address alone crosses customers.
func addressCases() []habitCase {
	var cases []habitCase
	for _, c := range []struct{ name, mac, across, within string }{
		{"Hyper-V makes of its host's IP address", hyperVMAC, "", ""},
		{"all AnyConnect adapters have", "00:05:9a:3c:7a:00", "", ""},
		{"all FortiClient adapters have", "00:09:0f:fe:00:01", "", ""},
		{"all GlobalProtect adapters have", "02:50:41:00:00:01", "", ""},
		{"all Pulse adapters have", "02:05:85:7f:eb:80", "", ""},
		{"all loopback adapters of Windows have", "02:00:4c:4f:4f:50", "", ""},
		{"all adapters of Juniper's network agent have", "00:0b:ca:fe:00:00", "", ""},
		{"TAP-Windows has", "00:ff:12:34:56:78", "", ""},
		{"the bridge of every T2 Mac has", "ac:de:48:00:11:22", "", ""},
		{"a batch of Realtek dongles has", "00:e0:4c:36:00:01", "", ""},
		{"a batch of other dongles has", "00:13:3b:99:92:b1", "", ""},
		{"an ASIX adapter has that goes from hand to hand", "00:0e:c6:89:7a:01", "", ""},
		{"boxes for VirtualBox have", "08:00:27:8d:c0:4d", "", ""},
		{"guests of QEMU have", "52:54:00:12:34:56", "", ""},
		{"guests of Xen have whose image holds it", "00:16:3e:00:00:01", "", ""},
		{"boards have that nobody has set", "88:88:88:88:87:88", "", ""},
		{"boards of one series have", "00:08:a1:46:06:35", "", ""},
		{"containers have", "02:42:ac:11:00:02", "", ""},
		{"the host's side of VMware's networks has", "00:50:56:c0:00:08", "", ""},
		{"any maker's adapter has", mac1, "", right},
	} {
		for _, v := range []struct{ where, at, today string }{{"at two customers", "2", c.across}, {"at one customer", "1", c.within}} {
			want, today := "a1 | d1", ""
			switch v.today {
			case wrong:
				today = "a1 d1"
			case right: // an adapter of one customer that nothing speaks against
				want = "a1 d1"
			}
			records := []string{"a1 name=one mac=" + c.mac + " at=1", "d1 name=two mac=" + c.mac + " serial=ABC1234 at=" + v.at}
			cases = append(cases, habitCase{fmt.Sprintf("an address that %s, %s", c.name, v.where), records, want, today})
		}
	}
	return append(cases,
		habitCase{"an address of Hyper-V's pool with the name", []string{
			"a1 name=vm mac=" + hyperVMAC, "d1 name=vm mac=" + hyperVMAC + " serial=ABC1234", "g2 name=vm mac=" + hyperVMAC}, "a1 d1 d2", ""},
		habitCase{"an address of Hyper-V's pool at two customers, in both products", []string{
			"a1 name=one mac=" + hyperVMAC + " at=1 " + hyperVM, "d1 name=one mac=" + hyperVMAC + " at=1 " + hyperVM,
			"a2 name=two mac=" + hyperVMAC + " at=2 " + hyperVM, "d2 name=two mac=" + hyperVMAC + " at=2 " + hyperVM}, "a1 d1 | a2 d2", ""},
		habitCase{"a dock that changed hands", []string{
			"a1 name=one mac=" + mac1 + "," + dock, "d1 name=one mac=" + mac1, "a2 name=two mac=" + mac2, "d2 name=two mac=" + mac2 + "," + dock},
			"a1 d1 | a2 d2", ""},
	)
}

// What an address case says of today's outcome beside "".
const wrong, right = "wrong", "right"

func containers(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("02:42:ac:11:%02x:%02x", i/256, i%256)
	}
	return strings.Join(list, ",")
}

func desktops(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("a%d %s name=vdi mac=%s dead born=%d seen=%d", i, vmSerial, vm1, 1+i/3, 1+i/3)
	}
	return list
}

// agentNames lists the agents 0 to n-1 in the order of texts.
func agentNames(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint("a", i)
	}
	slices.Sort(list)
	return list
}

// rmmDevice is a device as NinjaRMM answers.
func rmmDevice(display, system string) string {
	return fmt.Sprintf(`ninjarmm/device {"id":1,"organizationId":1,"approvalStatus":"APPROVED","nodeClass":"WINDOWS_WORKSTATION",
		"displayName":%q,"systemName":%q}`, display, system)
}

// deployed is a computer as ImmyBot answers, with what its integrations tell.
func deployed(serial, agents string) string {
	return fmt.Sprintf(`immybot/computer {"id":1,"tenantId":1,"computerName":"PC7","serialNumber":%q,"agents":[%s]}`, serial, agents)
}
