using System.Text.RegularExpressions;
using Xunit;

namespace Unlearn.Repository.Tests.Architecture;

/// <summary>Rules of layout that no analyzer checks.</summary>
public sealed partial class LayoutTests
{
    private const int Columns = 160;
    private const int MostLongLines = 0;
    private const int MostBracedLines = 0;

    [Fact]
    public void Lines_are_short() => AssertAtMost(MostLongLines, LongLines);

    [Fact]
    public void A_body_of_one_line_has_no_braces() =>
        AssertAtMost(MostBracedLines,
            file => BracedLine().Matches(file.Text).Select(match => file.Text[..match.Groups["body"].Index].Count(character => character == '\n') + 1));

    [Theory]
    [InlineData(159, 0)]
    [InlineData(160, 0)]
    [InlineData(161, 1)]
    public void Long_lines_are_found_but_for_those_of_raw_text(int columns, int found)
    {
        var line = new string('x', columns);
        Assert.Equal(found, LongLines(("", $"{line}\nshort\n")).Count());
        Assert.Empty(LongLines(("", $"var text = \"\"\"\n{line}\n    \"\"\";\n")));
        Assert.Equal(found, LongLines(("", $"var text = \"\"\"short\"\"\";\n{line}\n")).Count());
    }

    [Theory]
    [InlineData("if (a)\n{\n    B();\n}\n", true)]
    [InlineData("else\n{\n    return;\n}\n", true)]
    [InlineData("if (a)\n{\n    B();\n    C();\n}\n", false)]
    [InlineData("if (a)\n{\n    if (b)\n        C();\n}\n", false)]
    [InlineData("if (a)\n{\n    // why\n    B();\n}\n", false)]
    [InlineData("using (a)\n{\n    var b = C();\n}\n", false)]
    [InlineData("void A()\n{\n    B();\n}\n", false)]
    public void Braces_around_one_line_are_recognized(string code, bool isFound) => Assert.Equal(isFound, BracedLine().IsMatch(code));

    private static void AssertAtMost(int most, Func<(string Path, string Text), IEnumerable<int>> find)
    {
        var found = Repository.Sources.SelectMany(file => find(file).Select(line => $"{file.Path}:{line}")).ToList();
        Assert.True(found.Count <= most, $"{found.Count} places, {most} allowed:\n{string.Join('\n', found)}");
    }

    // The text of a raw literal over several lines is what it is.
    private static IEnumerable<int> LongLines((string Path, string Text) file)
    {
        var isRaw = false;
        var number = 0;
        foreach (var line in file.Text.Split('\n'))
        {
            number++;
            if (!isRaw && line.TrimEnd('\r').Length > Columns)
                yield return number;
            if (RawQuotes().Count(line) % 2 == 1)
                isRaw = !isRaw;
        }
    }

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawQuotes();

    // The body declares nothing, and is no statement with a body of its own, which might be another if's else.
    [GeneratedRegex(
        @"^(?<indent> *)(?:(?:if|else if|for|foreach|while|using|lock) \(.*\)|else)\n\k<indent>\{\n\k<indent>    "
        + @"(?<body>(?!if |for |foreach |while |using |lock |switch |try|do\b|var |//)[^\n]*;)\n\k<indent>\}\n", RegexOptions.Multiline)]
    private static partial Regex BracedLine();
}
