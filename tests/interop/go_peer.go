// tests/interop/go_peer.go - TLS 1.3 by Go's crypto/tls; peer.h has the command line.
//
// Go answers a KeyUpdate but has no call that asks for one, and tells the group only since 1.25.
// Hybrid groups stand here by their code points, since Go before 1.24 has none.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
)

var groups = map[string]tls.CurveID{
	"x25519": tls.X25519, "secp256r1": tls.CurveP256, "secp384r1": tls.CurveP384,
	"X25519MLKEM768": 0x11ec, "SecP256r1MLKEM768": 0x11eb,
}

var (
	cert   = flag.String("cert", "", "")
	key    = flag.String("key", "", "")
	ca     = flag.String("ca", "", "")
	names  = flag.String("groups", "", "")
	again  = flag.Bool("again", false, "")
	tls12  = flag.Bool("tls12", false, "")
	both   = flag.Bool("both", false, "")
	length = 100000
)

func must(err error) {
	if err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
}

func configure() *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS13, ServerName: "localhost",
		ClientSessionCache: tls.NewLRUClientSessionCache(4)}
	if *tls12 || *both {
		config.MinVersion = tls.VersionTLS12
	}
	if *tls12 {
		config.MaxVersion = tls.VersionTLS12
	}
	if *cert != "" {
		pair, err := tls.LoadX509KeyPair(*cert, *key)
		must(err)
		config.Certificates = []tls.Certificate{pair}
	}
	if *ca != "" {
		pem, err := os.ReadFile(*ca)
		must(err)
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		config.RootCAs, config.ClientCAs = pool, pool
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if *names != "" {
		for _, name := range strings.Split(*names, ",") {
			config.CurvePreferences = append(config.CurvePreferences, groups[name])
		}
	}
	return config
}

func handshake(conn *tls.Conn) error {
	if err := conn.Handshake(); err != nil {
		return err
	}
	state, how := conn.ConnectionState(), "full"
	if state.DidResume {
		how = "resumed"
	}
	fmt.Println("connected", tls.CipherSuiteName(state.CipherSuite), "-", how)
	return nil
}

func echo(conn *tls.Conn) {
	defer conn.Close()
	if err := handshake(conn); err != nil {
		fmt.Println("failed", err)
		return
	}
	io.Copy(struct{ io.Writer }{conn}, conn)
	conn.CloseWrite()
}

func connect(address string, config *tls.Config) {
	plain, err := net.Dial("tcp", address)
	must(err)
	conn := tls.Client(plain, config)
	must(handshake(conn))
	piece, back := make([]byte, 16000), make([]byte, 16000)
	for done := 0; done < length; done += len(piece) {
		piece[0] = byte(done)
		_, err := conn.Write(piece)
		must(err)
		_, err = io.ReadFull(conn, back)
		must(err)
		if !bytes.Equal(piece, back) {
			must(fmt.Errorf("another echo"))
		}
	}
	must(conn.Close())
}

func main() {
	role, address := os.Args[1], "127.0.0.1:"+os.Args[2]
	flag.CommandLine.Parse(os.Args[3:])
	config := configure()
	if role == "serve" {
		listener, err := net.Listen("tcp", address)
		must(err)
		for {
			plain, err := listener.Accept()
			must(err)
			echo(tls.Server(plain, config))
		}
	}
	connect(address, config)
	if *again {
		connect(address, config)
	}
}
