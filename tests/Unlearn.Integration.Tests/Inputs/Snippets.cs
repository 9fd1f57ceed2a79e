using Xunit;

namespace Unlearn.Integration.Tests.Inputs;

/// <summary>Compares the snippets of a document with the code that was compiled and run.</summary>
internal static class Snippets
{
    /// <summary>Fails unless the document holds what lies between <c>// &lt;name&gt;</c> and <c>// &lt;/name&gt;</c> in a source file.</summary>
    public static void AssertIsIn(string document, string sourceFile, string name)
    {
        var lines = File.ReadAllLines(Copied(sourceFile));
        var first = Array.FindIndex(lines, line => line.Trim() == $"// <{name}>");
        var last = Array.FindIndex(lines, line => line.Trim() == $"// </{name}>");
        var indent = lines[first].IndexOf('/', StringComparison.Ordinal);
        var snippet = string.Join('\n', lines[(first + 1)..last].Select(line => line.Length > indent ? line[indent..] : ""));
        Assert.Contains(snippet, File.ReadAllText(Copied(document)).ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    private static string Copied(string file) => Path.Combine(AppContext.BaseDirectory, "Documents", file);
}
