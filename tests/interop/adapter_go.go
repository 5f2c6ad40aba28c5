// tests/interop/adapter_go.go - Go's crypto/mlkem under sealvec, for ML-KEM-768. Needs Go 1.26:
// before it there was no encapsulation with given random bytes (crypto/mlkem/mlkemtest).
package main

import (
	"bufio"
	"crypto/mlkem"
	"crypto/mlkem/mlkemtest"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
)

// What is wrong is refused: a key, a seed or a ciphertext.
func answer(operation string, p map[string][]byte) (values [][]byte, err error) {
	if operation == "mlkem-encaps" {
		public, err := mlkem.NewEncapsulationKey768(p["public"])
		if err != nil {
			return nil, err
		}
		shared, ciphertext, err := mlkemtest.Encapsulate768(public, p["random"])
		return [][]byte{ciphertext, shared}, err
	}
	private, err := mlkem.NewDecapsulationKey768(p["seed"])
	if err != nil {
		return nil, err
	}
	if operation == "mlkem-keygen" {
		return [][]byte{private.EncapsulationKey().Bytes()}, nil
	}
	shared, err := private.Decapsulate(p["ciphertext"])
	return [][]byte{shared}, err
}

func respond(words []string) string {
	p := map[string][]byte{}
	for _, word := range words[1:] {
		name, text, _ := strings.Cut(word, "=")
		p[name], _ = hex.DecodeString(text)
		if name == "algorithm" && text != "ML-KEM-768" {
			return "unsupported " + text
		}
	}
	if !strings.HasPrefix(words[0], "mlkem-") || (words[0] == "mlkem-decaps" && p["seed"] == nil) {
		return "unsupported operation " + words[0] + " or its kind of key"
	}
	values, err := answer(words[0], p)
	if err != nil {
		return "invalid"
	}
	texts := []string{}
	for _, value := range values {
		texts = append(texts, hex.EncodeToString(value))
	}
	return strings.Join(texts, " ")
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		words := strings.Fields(line)
		if len(words) == 0 {
			words = []string{"nothing"}
		}
		fmt.Println(respond(words))
	}
}
