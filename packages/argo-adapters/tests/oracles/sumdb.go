// Reads what a log has written, with golang.org/x/mod/sumdb/note and tlog, and says what it finds.
//
// Input and output are JSON; the test beside this file writes the one and compares the other.
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type task struct {
	LogKey     string
	WitnessKey string
	Notes      []string
	Tiles      map[string][]byte
	Wanted     []wanted
	Records    []record
	Trees      []tree
}

type wanted struct {
	Level int
	Index int64
	Width int
}

// Size and Root are a checkpoint's; the proofs are what we made.
type record struct {
	Size  int64
	Root  []byte
	Index int64
	Data  []byte
	Proof [][]byte
}

type tree struct {
	Size    int64
	Root    []byte
	OldSize int64
	OldRoot []byte
	Proof   [][]byte
}

type answer struct {
	Notes   [][]string
	Paths   []string
	Records []proved
	Trees   []proved
}

type proved struct {
	Believed bool
	Proof    [][]byte
}

// A cosigner verifies what x/mod knows nothing of: a time, and a message with lines before the text.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

func newCosigner(vkey string) cosigner {
	parts := strings.SplitN(vkey, "+", 3)
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	must(err)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must(err)
	return cosigner{parts[0], uint32(hash), ed25519.PublicKey(key[1:])}
}

// Tiles as a log serves them: below tile/<L>/, where x/mod has tile/8/<L>/.
type served map[string][]byte

func (s served) Height() int                                { return height }
func (s served) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (s served) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		found, ok := s[path]
		if !ok {
			return nil, fmt.Errorf("no %s", path)
		}
		data[i] = found
	}
	return data, nil
}

func main() {
	var asked task
	must(json.NewDecoder(os.Stdin).Decode(&asked))
	var told answer
	log, err := note.NewVerifier(asked.LogKey)
	must(err)
	known := note.VerifierList(log, newCosigner(asked.WitnessKey))
	for _, text := range asked.Notes {
		told.Notes = append(told.Notes, signers(text, known))
	}
	for _, one := range asked.Wanted {
		told.Paths = append(told.Paths, tlog.Tile{H: height, L: one.Level, N: one.Index, W: one.Width}.Path())
	}
	for _, one := range asked.Records {
		root, proof := hash(one.Root), tlog.RecordProof(hashes(one.Proof))
		err := tlog.CheckRecord(proof, one.Size, root, one.Index, tlog.RecordHash(one.Data))
		reader := tlog.TileHashReader(tlog.Tree{N: one.Size, Hash: root}, served(asked.Tiles))
		own, failed := tlog.ProveRecord(one.Size, one.Index, reader)
		must(failed)
		told.Records = append(told.Records, proved{err == nil, slices(own)})
	}
	for _, one := range asked.Trees {
		root, proof := hash(one.Root), tlog.TreeProof(hashes(one.Proof))
		err := tlog.CheckTree(proof, one.Size, root, one.OldSize, hash(one.OldRoot))
		reader := tlog.TileHashReader(tlog.Tree{N: one.Size, Hash: root}, served(asked.Tiles))
		own, failed := tlog.ProveTree(one.Size, one.OldSize, reader)
		must(failed)
		told.Trees = append(told.Trees, proved{err == nil, slices(own)})
	}
	must(json.NewEncoder(os.Stdout).Encode(told))
}

// Who signed a note; nobody, if it is malformed or a signature of a known key is bad.
func signers(text string, known note.Verifiers) []string {
	names := []string{}
	opened, err := note.Open([]byte(text), known)
	if err == nil {
		for _, one := range opened.Sigs {
			names = append(names, one.Name)
		}
	}
	return names
}

func hash(data []byte) (h tlog.Hash) {
	copy(h[:], data)
	return h
}

func hashes(data [][]byte) (all []tlog.Hash) {
	for _, one := range data {
		all = append(all, hash(one))
	}
	return all
}

func slices(all []tlog.Hash) [][]byte {
	data := [][]byte{}
	for _, one := range all {
		data = append(data, append([]byte(nil), one[:]...))
	}
	return data
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
