package converters_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
)

func TestPlaceholders(t *testing.T) {
	for _, s := range []string{
		"To be filled by O.E.M.", "To Be Filled By O.E.M.", "TO BE FILLED BY OEM", "Fill By OEM", "To Be Defined By O.E.M",
		"System manufacturer", "System Product Name", "System Serial Number", "System Version", "Default string", "Default String Default String",
		"Not Specified", "Not Applicable", "N/A", "n.a.", "None", "null", "(null string)", "Unknown", "Unknow", "INVALID", "<OUT OF SPEC>",
		"<BAD INDEX>", "O.E.M.", "OEM", "Chassis Manufacture", "All Series", "Product Name", "0", "00000000", "xxxxxxx", "XXXX", "-", "*", "....", "___",
		"To Be Filled By O.E.M. To Be Filled By O.E.M.", "System manufacturer System Product Name", "Type1ProductConfigId", "\t none \n",
	} {
		require.True(t, converters.IsPlaceholder(s), "%q", s)
		require.True(t, converters.IsPlaceholderSerial(s), "%q as a serial number", s)
	}
	for _, s := range []string{
		"", " ", "Dell Inc.", "LENOVO", "HP", "ASUS", "ASUSTeK COMPUTER INC.", "联想", "Ünal", "Virtual Machine", "VMware, Inc.", "QEMU", "VirtualBox", "Parallels",
		"innotek GmbH", "20XW0026GE", "System x3650 M5", "OptiPlex 7090", "Default Systems Ltd", "Unknown Worlds", "Z", "12", "OEM Computers",
	} {
		require.False(t, converters.IsPlaceholder(s), "%q", s)
	}
	for _, s := range []string{
		"123456789", "987654321", "0123456789", "1234567890", "12345", "12345678901234567", "SYS-1234567890", "SYS-9876543210", "SN-12345", "MB-1234567890", "123456789000",
		"BSN12345678901234567", "Serial Number xxxxxx", "SystemSerialNumb", "Base Board Serial Number", "Unspecified Base Board Serial Number", "Chassis Serial Number",
		"OEM_Serial", "No Asset Tag", "EVAL", "IATPASS", "Tulip Computers", "VirtualBox-0", "QEMU", "1", "1111111", "NNNNNNN", "abcdefgh",
	} {
		require.True(t, converters.IsPlaceholderSerial(s), "%q", s)
	}
	for _, s := range []string{
		"", "5CG1234XYZ", "PF3K1234", "VMware-56 4d 12 34 56 78 9a bc-de f0 12 34 56 78 9a bc", "7HX0001", "R90ABCDE", "C02XK0AAJG5H", "SYS-4821", "SN100200",
		"4738-2245-9012-3391-7890-1134-56", "17", "1234", "S/N 4711", "SN123456", "SN345678", "345678", "87654321",
	} {
		require.False(t, converters.IsPlaceholderSerial(s), "%q", s)
	}
}

func TestFirstRealPassesPlaceholdersOver(t *testing.T) {
	require.Equal(t, "Dell Inc.", converters.FirstReal("", "System manufacturer", " Dell Inc. ", "HP"))
	require.Equal(t, "12345", converters.FirstReal("12345"), "a model may count")
	require.Empty(t, converters.FirstReal("None", "-"))
	require.Equal(t, "PF3K1234", converters.FirstSerial("00000000", "123456789", "PF3K1234", "7HX0001"))
	require.Empty(t, converters.FirstSerial("EVAL"))
}
