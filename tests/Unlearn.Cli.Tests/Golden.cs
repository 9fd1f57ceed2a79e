using Xunit;

namespace Unlearn.Cli.Tests;

/// <summary>Texts that are compared with files of the working copy; UPDATE_GOLDEN=1 writes them.</summary>
internal static class Golden
{
    private static readonly string Root = Find(new DirectoryInfo(AppContext.BaseDirectory));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    public static void AssertEqual(string name, string actual)
    {
        var path = Path.Combine(Root, "tests", "Unlearn.Cli.Tests", "Golden", name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, actual);
        Assert.Equal(File.ReadAllText(path), actual);
    }

    private static string Find(DirectoryInfo? folder) => folder switch
    {
        null => throw new DirectoryNotFoundException("Run these tests from where they were built."),
        _ when File.Exists(Path.Combine(folder.FullName, "Unlearn.MLNet.sln")) => folder.FullName,
        _ => Find(folder.Parent),
    };
}
