using System.Text.Json;
using System.Xml.Linq;
using Xunit;

namespace Unlearn.Repository.Tests.Build;

/// <summary>Lock files know what projects reference, also those of projects outside the solution, which a restore of the solution leaves as they are.</summary>
public sealed class LockFileTests
{
    public static TheoryData<string> LockFiles { get; } =
    [
        .. Directory.EnumerateFiles(Repository.Root, "packages.lock.json", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Intersect(["bin", "obj", "artifacts", "node_modules"]).Any())
            .Order(StringComparer.Ordinal),
    ];

    private static readonly ILookup<string, string> Projects =
        Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories).ToLookup(NameOf, StringComparer.OrdinalIgnoreCase);

    [Fact]
    public void There_is_one_outside_the_solution_too()
    {
        Assert.Contains("examples/TransferLearning/packages.lock.json", LockFiles.Select(row => row.Data));
        Assert.Contains("src/Unlearn.MLNet/packages.lock.json", LockFiles.Select(row => row.Data));
    }

    [Theory]
    [MemberData(nameof(LockFiles))]
    public void A_lock_file_holds_the_projects_below_its_own_and_their_references(string lockFile)
    {
        var project = Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Path.Combine(Repository.Root, lockFile))!, "*.csproj"));
        var below = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        AddBelow(project, below);
        var locked = LockedProjects(Path.Combine(Repository.Root, lockFile));
        var remedy = $"run 'dotnet restore --force-evaluate {Path.GetDirectoryName(lockFile)}'.";

        Assert.Empty(below.Keys.Except(locked.Keys, StringComparer.OrdinalIgnoreCase));
        Assert.All(locked, pair => Assert.True(Projects.Contains(pair.Key), $"{lockFile} knows '{pair.Key}', which is gone: {remedy}"));
        Assert.All(below, pair =>
        {
            var (packages, projects) = References(pair.Value);
            var missing = packages.Concat(projects.Select(NameOf))
                .Except(locked[pair.Key], StringComparer.OrdinalIgnoreCase).Where(name => !IsPruned(name)).ToList();
            Assert.True(missing.Count == 0, $"{lockFile} does not know that {pair.Key} references {string.Join(", ", missing)}: {remedy}");
        });
    }

    /// <summary>NuGet leaves out what an application's framework (ASP.NET Core) has itself.</summary>
    private static bool IsPruned(string package) => package.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal);

    private static void AddBelow(string project, Dictionary<string, string> below)
    {
        foreach (var reference in References(project).Projects.Where(reference => below.TryAdd(NameOf(reference), reference)))
            AddBelow(reference, below);
    }

    /// <summary>References that are handed on to a project above, without those under a condition.</summary>
    private static (IEnumerable<string> Packages, IEnumerable<string> Projects) References(string project)
    {
        var references = XDocument.Load(project).Descendants()
            .Where(element => element.AncestorsAndSelf().All(part => part.Attribute("Condition") is null) && element.Attribute("PrivateAssets") is null)
            .ToList();
        var folder = Path.GetDirectoryName(project)!;
        return (Included("PackageReference"), Included("ProjectReference").Select(path => Path.GetFullPath(Path.Combine(folder, path))));

        IEnumerable<string> Included(string kind) =>
            references.Where(element => element.Name.LocalName == kind).Select(element => element.Attribute("Include")!.Value);
    }

    /// <summary>The name by which NuGet knows a project: its package, else its assembly, else its file.</summary>
    private static string NameOf(string project)
    {
        var properties = XDocument.Load(project).Descendants().ToLookup(element => element.Name.LocalName, element => element.Value);
        return properties["PackageId"].FirstOrDefault() ?? properties["AssemblyName"].FirstOrDefault() ?? Path.GetFileNameWithoutExtension(project);
    }

    private static Dictionary<string, HashSet<string>> LockedProjects(string lockFile)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(lockFile));
        return json.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(framework => framework.Value.EnumerateObject())
            .Where(entry => entry.Value.GetProperty("type").GetString() == "Project")
            .GroupBy(entry => entry.Name, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group
                .Where(entry => entry.Value.TryGetProperty("dependencies", out _))
                .SelectMany(entry => entry.Value.GetProperty("dependencies").EnumerateObject().Select(dependency => dependency.Name))
                .ToHashSet(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
    }
}
