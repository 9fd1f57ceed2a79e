namespace Unlearn.Repository.Tests;

/// <summary>The working copy that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>Its folder. Builds may map source paths, so it is found from where the tests run.</summary>
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    /// <summary>Source files of libraries, tests, examples and benchmarks: path from the root, with slashes, and text.</summary>
    public static IReadOnlyList<(string Path, string Text)> Sources { get; } =
    [
        .. new[] { "src", "tests", "examples", "benchmarks" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(file => (Path: Path.GetRelativePath(Root, file).Replace('\\', '/'), Text: File.ReadAllText(file)))
            .Where(file => !file.Path.Contains("/obj/", StringComparison.Ordinal) && !file.Path.Contains("/bin/", StringComparison.Ordinal))
            .OrderBy(file => file.Path, StringComparer.Ordinal),
    ];

    /// <summary>Source files of the libraries.</summary>
    public static IReadOnlyList<(string Path, string Text)> LibrarySources { get; } =
    [
        .. Sources.Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal)),
    ];

    private static string Find(DirectoryInfo? folder) => folder switch
    {
        null =>
            throw new DirectoryNotFoundException($"'{AppContext.BaseDirectory}' does not lie in a working copy: run these tests from where they were built."),
        _ when File.Exists(Path.Combine(folder.FullName, "Unlearn.MLNet.sln")) => folder.FullName,
        _ => Find(folder.Parent),
    };
}
