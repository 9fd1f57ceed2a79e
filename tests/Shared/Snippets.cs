using System.Text.RegularExpressions;
using Xunit;

namespace Unlearn.Tests;

/// <summary>
/// Compares the C# of a document with code that was compiled and run. Both files are copied to the folder <c>Documents</c> beside the test program.
/// A block of a document may begin with <c>using</c> directives: the source file must have them at its top.
/// </summary>
internal static partial class Snippets
{
    /// <summary>Fails unless a C# block of the document is what lies between <c>// &lt;name&gt;</c> and <c>// &lt;/name&gt;</c> in a source file.</summary>
    public static void AssertIsIn(string document, string sourceFile, string name)
    {
        var source = File.ReadAllLines(Copied(sourceFile));
        var blocks = Block().Matches(File.ReadAllText(Copied(document)).ReplaceLineEndings("\n")).Select(block => block.Groups["code"].Value).ToList();
        var code = Between(source, name);
        var found = blocks.Find(block => WithoutDirectives(block) == code);
        Assert.True(found is not null, $"{document} has no C# block that is the snippet '{name}' of {sourceFile}:\n{code}");

        var directives = found.Split('\n').Where(line => Directive().IsMatch(line)).ToList();
        Assert.True(directives.Count > 0, $"The snippet '{name}' in {document} names no namespace: a reader cannot compile it.");
        Assert.Empty(directives.Except(source));
    }

    private static string Between(string[] source, string name)
    {
        var first = Array.FindIndex(source, line => line.Trim() == $"// <{name}>");
        var last = Array.FindIndex(source, line => line.Trim() == $"// </{name}>");
        var indent = source[first].IndexOf('/', StringComparison.Ordinal);
        return string.Join('\n', source[(first + 1)..last].Select(line => line.Length > indent ? line[indent..] : ""));
    }

    private static string WithoutDirectives(string block) =>
        string.Join('\n', block.Split('\n').SkipWhile(line => Directive().IsMatch(line)).SkipWhile(line => line.Length == 0));

    private static string Copied(string file) => Path.Combine(AppContext.BaseDirectory, "Documents", file);

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    // Not `using var`.
    [GeneratedRegex(@"^using [\w.]+;$")]
    private static partial Regex Directive();
}
