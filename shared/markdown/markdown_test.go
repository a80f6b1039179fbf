package markdown_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"ticketsystem.example/shared/markdown"
)

func TestWhatPeopleWriteBecomesHTML(t *testing.T) {
	for in, want := range map[string]string{
		"Please *stand* **back**.":           "<p>Please <em>stand</em> <strong>back</strong>.</p>",
		"one\ntwo":                           "<p>one<br>\ntwo</p>",
		"- a\n- b":                           "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
		"3. c":                               "<ol start=\"3\">\n<li>c</li>\n</ol>",
		"> quoted":                           "<blockquote>\n<p>quoted</p>\n</blockquote>",
		"~~gone~~ `a<b`":                     "<p><del>gone</del> <code>a&lt;b</code></p>",
		"```sh\nls *\n```":                   "<pre><code>ls *\n</code></pre>",
		"see https://a.example/x?y=1&z":      `<p>see <a href="https://a.example/x?y=1&amp;z" rel="nofollow noopener" target="_blank">https://a.example/x?y=1&amp;z</a></p>`,
		"mail ada@demo.example":              `<p>mail <a href="mailto:ada@demo.example" rel="nofollow">ada@demo.example</a></p>`,
		"the <config> element":               "<p>the &lt;config&gt; element</p>",
		"----------------------------------": "<hr>",
	} {
		if got := markdown.HTML(in); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
}

// attacks are texts that have broken Markdown renderers and sanitisers.
var attacks = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<svg/onload=alert(1)>`, `<iframe src="javascript:alert(1)">`,
	`[x](javascript:alert(1))`, `[x](JaVaScRiPt:alert(1))`, `[x](java&#115;cript:alert(1))`, "[x](java\tscript:alert(1))", `[x](vbscript:x)`,
	`[x](data:text/html;base64,PHNjcmlwdD4=)`, `<javascript:alert(1)>`, `![x](https://spy.example/pixel.png)`, `![x](x"onerror="alert(1))`,
	`[x](https://a.example/"onmouseover="alert(1))`, `[x](<https://a.example/ onclick=alert(1)>)`, "[a]: javascript:alert(1)\n\n[a]",
	`<a href="https://a.example" onclick="x()">y</a>`, `<style>*{display:none}</style>`, `<math><mtext></p><style><img src onerror=alert(1)>`,
	"```html onload=x\n<script>\n```", `[x](//evil.example)`, `[x](/api/logout)`, `<!--><script>alert(1)</script>-->`, "`<script>`", `&lt;script&gt;alert(1)&lt;/script&gt;`,
}

// isSafe fails when the HTML holds anything but the few things that it may.
func isSafe(t interface{ Errorf(string, ...any) }, in, out string) {
	allowed := strings.Fields("p br hr strong em del code pre blockquote ul ol li h1 h2 h3 h4 h5 h6 a")
	z := html.NewTokenizer(strings.NewReader(out))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if token.Type == html.TextToken {
			continue
		}
		if token.Type == html.CommentToken || token.Type == html.DoctypeToken || !slices.Contains(allowed, token.Data) {
			t.Errorf("%q became %q with %s", in, out, token)
		}
		for _, a := range token.Attr {
			switch a.Key {
			case "rel", "target", "start":
			case "href":
				if !strings.HasPrefix(a.Val, "http://") && !strings.HasPrefix(a.Val, "https://") && !strings.HasPrefix(a.Val, "mailto:") {
					t.Errorf("%q became a link to %q", in, a.Val)
				}
			default:
				t.Errorf("%q became %q with the attribute %s", in, out, a.Key)
			}
		}
		if token.Type == html.StartTagToken && token.Data == "a" && !strings.Contains(out, `rel="nofollow`) {
			t.Errorf("%q became a link that is followed: %q", in, out)
		}
	}
}

func TestAttacksBecomeHarmless(t *testing.T) {
	for _, in := range attacks {
		isSafe(t, in, markdown.HTML(in))
	}
}

func TestNoTextWhateverBecomesHarmful(t *testing.T) {
	piece := rapid.OneOf(rapid.SampledFrom(attacks), rapid.String(), rapid.SampledFrom([]string{"[", "](", ")", "<", ">", "\"", "'", "`", "\n", "> ", "- ", "*", "javascript:", "&#x6a;", "\\"}))
	rapid.Check(t, func(r *rapid.T) {
		in := strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(r, "pieces"), "")
		isSafe(r, in, markdown.HTML(in))
	})
}

// computing is the processor time that the tests have used: other than the time on the
// clock, it doesn't grow with what else the machine does.
func computing(t *testing.T) time.Duration {
	t.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		t.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func TestATextThatIsMadeToCostIsCheap(t *testing.T) {
	const size = 20_000
	for _, unit := range []string{">", "> ", "- ", "* ", "1. ", "[", "![", "](", "`", "*a ", "_a", "<", "&", "[a](", "~~", "www.", "http://a.b/(", "a@", "\\", "|-", "- >", "`a", "a\n", "-\n", "[a]: b\n"} {
		in := strings.Repeat(unit, size/len(unit))
		began := computing(t)
		out := markdown.HTML(in)
		markdown.Mentions(in)
		if spent := computing(t) - began; spent > 2*time.Second {
			t.Errorf("%q again and again took %v", unit, spent)
		}
		if len(out) > 512<<10 {
			t.Errorf("%q again and again became %d bytes", unit, len(out))
		}
		isSafe(t, unit, out)
	}
}

func TestMentionsAreNamesAfterAnAt(t *testing.T) {
	for in, want := range map[string]string{
		"@ada please":                          "ada",
		"(@ada), @nora. @ada again":            "ada nora",
		"**@mia** and @first_last and @j.doe.": "mia first_last j.doe",
		"mail ada@demo.example":                "",
		"`@Override` and\n\n    @Inject\n":     "",
		"```\n@Test\n```\n@uma":                "uma",
		"https://a.example/@ada":               "",
		"> @liam said":                         "liam",
		"@@ada @":                              "",
		"one\n@two":                            "two",
	} {
		if got := strings.Join(markdown.Mentions(in), " "); got != want {
			t.Errorf("%q calls %q, want %q", in, got, want)
		}
	}
}
