package ninjarmm

import (
	"net/url"
	"strings"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

// KindVolume is a row of volumes.
const KindVolume = "volume"

// volumeRow is what is read of a row. Without include=bl it has no bitLockerStatus; outside Windows it never has.
type volumeRow struct {
	DeviceID    rawjson.Int  `json:"deviceId"`
	Name        rawjson.Text `json:"name"`
	DriveLetter rawjson.Text `json:"driveLetter"`
	DeviceType  rawjson.Text `json:"deviceType"`
	Capacity    rawjson.Int  `json:"capacity"`
	FreeSpace   rawjson.Int  `json:"freeSpace"`
	BitLocker   bitLocker    `json:"bitLockerStatus"`
}

type bitLocker struct {
	Conversion rawjson.Text `json:"conversionStatus"` // FULLY_DECRYPTED, FULLY_ENCRYPTED, ENCRYPTION_IN_PROGRESS, …
	Protection rawjson.Text `json:"protectionStatus"` // UNPROTECTED, PROTECTED, UNKNOWN, PENDING
	Method     rawjson.Text `json:"encryptionMethod"` // NONE, AES_128, XTS_AES_256, …
}

// Encryption is how a volume is encrypted.
type Encryption uint8

// The encryptions. A volume whose protection is suspended is encrypted, and its key lies beside it.
const (
	EncryptionUnknown Encryption = iota
	NotEncrypted
	EncryptionSuspended
	Encrypted
)

// Volumes is what volumes tells of a device's system drive, and which drives are not encrypted.
type Volumes struct {
	Method string   // of the system drive
	Open   []string // letters of the drives that are not encrypted, in order
	Drives
}

// Drives are the rest of it.
type Drives struct {
	Bytes, Free int64 // of the system drive
	System      Encryption
	Told        bool // BitLocker tells of a drive
}

// keptVolumes is Volumes as it is kept until the devices are read.
type keptVolumes struct {
	method, open collectors.Word // open is a list
	Drives
}

func (v *keptVolumes) volumes(words *collectors.Words) *Volumes {
	return &Volumes{Method: words.Text(v.method), Open: words.List(v.open), Drives: v.Drives}
}

func volumesReport(time.Time) report[volumeRow] {
	return report[volumeRow]{
		route: "/queries/volumes", kind: KindVolume, member: "deviceId", rows: reportRows, filters: true,
		query:  url.Values{"include": {"bl"}},
		device: func(r *volumeRow) rawjson.Int { return r.DeviceID },
	}
}

func (v *keptVolumes) add(r *volumeRow, words *collectors.Words) {
	letter := r.letter()
	if letter == "" {
		return // the system's own partitions are never encrypted, and other systems than Windows tell nothing
	}
	encryption := r.BitLocker.encryption()
	v.Told = v.Told || encryption != EncryptionUnknown
	if (encryption == NotEncrypted || encryption == EncryptionSuspended) && !r.removable() {
		v.open = words.With(v.open, letter)
	}
	if letter != "C:" {
		return
	}
	v.System, v.Bytes, v.Free = encryption, r.Capacity.N, r.FreeSpace.N
	v.method = 0
	if encryption > NotEncrypted && r.BitLocker.Method != "NONE" {
		v.method = words.Keep(string(r.BitLocker.Method))
	}
}

// letter returns the drive as "C:", "" for a volume without.
func (r *volumeRow) letter() string {
	for _, name := range [...]rawjson.Text{r.DriveLetter, r.Name} {
		if s := strings.ToUpper(strings.TrimSuffix(string(name), `\`)); len(s) == 2 && s[1] == ':' {
			return s
		}
	}
	return ""
}

// removable reports whether the volume is not one of the machine's own disks, in the words of Windows.
func (r *volumeRow) removable() bool {
	kind := strings.ToLower(string(r.DeviceType))
	return strings.Contains(kind, "removable") || strings.Contains(kind, "network") || strings.Contains(kind, "compact")
}

func (b *bitLocker) encryption() Encryption {
	switch {
	case b.Conversion == "" || b.Conversion == "UNKNOWN":
		return EncryptionUnknown
	case b.Conversion != "FULLY_ENCRYPTED":
		return NotEncrypted // in progress is not yet
	case b.Protection == "PROTECTED":
		return Encrypted
	case b.Protection == "UNPROTECTED" || b.Protection == "PENDING":
		return EncryptionSuspended
	}
	return EncryptionUnknown
}

// Unencrypted returns the letters of the drives that are not encrypted or whose protection is suspended; told is false
// where BitLocker tells of none.
func (v *Volumes) Unencrypted() (letters []string, told bool) {
	if v == nil {
		return nil, false
	}
	return v.Open, v.Told
}
