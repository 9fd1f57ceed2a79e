using CsCheck;
using Unlearn.MLNet.Reports;
using Xunit;

namespace Unlearn.MLNet.Tests.Reports;

public sealed class CsvTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("=1+2", "'=1+2")]
    [InlineData("+cmd", "'+cmd")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("-x", "'-x")]
    [InlineData("\tx", "'\tx")]
    [InlineData("-5", "-5")]
    [InlineData("-0.25", "-0.25")]
    [InlineData("+3e7", "+3e7")]
    [InlineData("'quoted'", "''quoted'")]
    [InlineData("=HYPERLINK(\"a,b\")", "\"'=HYPERLINK(\"\"a,b\"\")\"")]
    [InlineData("\r=1", "\"'\r=1\"")]
    public void A_text_that_looks_like_a_formula_is_none_in_a_spreadsheet(string text, string cell) => Assert.Equal(cell, CsvText.Cell(text));

    [Fact]
    public void Half_a_pair_becomes_its_code_so_that_two_ids_stay_two() =>
        Assert.Equal(["a\\uD83D", "a\\uDE00", "a\U0001F600"], new[] { "a\uD83D", "a\uDE00", "a\U0001F600" }.Select(CsvText.Cell));

    [Fact]
    public void What_was_written_is_read_back() =>
        Gen.String[Gen.OneOf(Gen.Char["=+-@\t\r\n,\"'\\;0"], Gen.Char['\u0000', '\uD7FF'])].Array[3].Array[1, 6].Sample(rows =>
        {
            var read = CsvText.Read(string.Concat(rows.Select(row => string.Join(',', row.Select(CsvText.Cell)) + "\n"))).ToArray();
            Assert.Equal(rows, read);
        });

    [Fact]
    public void A_cell_that_was_cut_off_is_an_error() =>
        Assert.Contains("cut off", Assert.Throws<FormatException>(() => CsvText.Read("a,\"b").ToArray()).Message, StringComparison.Ordinal);
}
