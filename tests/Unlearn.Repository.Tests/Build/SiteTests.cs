using System.Text.Json;
using Xunit;

namespace Unlearn.Repository.Tests.Build;

/// <summary>What the documentation site must not leave out. <c>eng/site.sh</c> builds it, and checks its links.</summary>
public sealed class SiteTests
{
    private static readonly string Documents = Path.Combine(Repository.Root, "docs");

    [Fact]
    public void Every_page_is_in_the_table_of_contents()
    {
        var contents = File.ReadAllText(Path.Combine(Documents, "toc.yml"));
        var pages = Directory.EnumerateFiles(Documents, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(Documents, "evidence"), "*.md"))
            .Select(page => Path.GetRelativePath(Documents, page).Replace('\\', '/'));
        Assert.All(pages, page => Assert.Contains($"href: {page}\n", contents, StringComparison.Ordinal));
    }

    [Fact]
    public void The_reference_is_of_every_library()
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docfx.json")));
        var libraries = settings.RootElement.GetProperty("metadata")[0].GetProperty("src")[0].GetProperty("files").EnumerateArray()
            .Select(file => Path.GetFileNameWithoutExtension(file.GetString()!));
        Assert.Equal(
            Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "PublicAPI.Shipped.txt", SearchOption.AllDirectories)
                .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal),
            libraries.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_example_is_described()
    {
        var text = File.ReadAllText(Path.Combine(Documents, "examples.md"));
        var examples = Directory.EnumerateFiles(Path.Combine(Repository.Root, "examples"), "*.csproj", SearchOption.AllDirectories)
            .Where(project => File.Exists(Path.Combine(Path.GetDirectoryName(project)!, "Program.cs")))
            .Select(project => Path.GetFileNameWithoutExtension(project));
        Assert.All(examples, example => Assert.Matches($@"--project examples/{example}( --|\n)", text));
    }
}
