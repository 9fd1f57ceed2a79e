using System.Text.RegularExpressions;
using TorchSharp;
using Xunit;

namespace Unlearn.Repository.Tests.Architecture;

/// <summary>Rules of the libraries' source text.</summary>
public sealed partial class SourceTests
{
    private const int MostLines = 320;

    /// <summary>What lies beside the libraries and is not compiled into them.</summary>
    private const string BuildTasks = "/buildTransitive/";

    private static readonly Regex ScalarTypeTrap = CreateScalarTypeTrap();

    [Fact]
    public void Files_are_short() =>
        Assert.Empty(Repository.LibrarySources.Where(file => file.Text.Count(character => character == '\n') > MostLines).Select(file => file.Path));

    [Fact]
    public void A_public_type_has_a_file_of_its_name_to_itself()
    {
        foreach (var (path, text) in Compiled())
        {
            var types = PublicType().Matches(text).Select(match => match.Groups["name"].Value).Distinct().ToList();
            Assert.True(types.Count == 0 || types.SequenceEqual([Path.GetFileNameWithoutExtension(path)]),
                $"{path} holds the public types {string.Join(", ", types)}: one each, in a file of its name.");
        }
    }

    /// <summary>Users name two namespaces, one for each library that they reference; what they cannot see lies in the namespace of its folder.</summary>
    [Fact]
    public void A_public_type_is_in_its_librarys_namespace_and_an_internal_one_in_its_folders()
    {
        foreach (var (path, text) in Compiled())
            if (OwnNamespace().Match(text) is { Success: true } found)
            {
                var folder = path["src/".Length..path.LastIndexOf('/')].Replace('/', '.');
                var library = string.Join('.', folder.Split('.')[..2]);
                Assert.True(
                    (PublicType().IsMatch(text) ? library : folder) == found.Groups["name"].Value, $"{path} is in namespace {found.Groups["name"].Value}.");
            }
    }

    /// <summary>C# takes <c>sum(0)</c> for <c>sum(ScalarType.Byte)</c>, since the literal 0 is every enum's: write <c>sum(dim: 0)</c>.</summary>
    [Fact]
    public void No_literal_zero_is_taken_for_a_scalar_type() =>
        Assert.Empty(Compiled().SelectMany(file => ScalarTypeTrap.Matches(file.Text).Select(match => $"{file.Path}: {match.Value}")));

    [Theory]
    [InlineData("x.sum(0)", true)]
    [InlineData("x.mean( 0 )", true)]
    [InlineData("x.prod(0, keepdim: true)", true)]
    [InlineData("x.to(0)", true)]
    [InlineData("x.cumsum(0)", false)]
    [InlineData("x.sum(dim: 0)", false)]
    [InlineData("x.sum(0L)", false)]
    [InlineData("x.sum(1)", false)]
    public void The_trap_is_recognized(string code, bool isTrap) => Assert.Equal(isTrap, ScalarTypeTrap.IsMatch(code));

    private static IEnumerable<(string Path, string Text)> Compiled() =>
        Repository.LibrarySources.Where(file => !file.Path.Contains(BuildTasks, StringComparison.Ordinal));

    /// <summary>Every method of a tensor with an overload whose first parameter is a scalar type.</summary>
    private static Regex CreateScalarTypeTrap()
    {
        var methods = typeof(torch.Tensor).GetMethods()
            .Where(method => method.GetParameters() is [{ ParameterType: var first }, ..]
                && (first == typeof(torch.ScalarType) || first == typeof(torch.ScalarType?)))
            .Select(method => method.Name).Append("mean").Distinct();
        return new Regex($@"\.({string.Join('|', methods)})\(\s*0\s*[,)]");
    }

    [GeneratedRegex(
        @"^public [\w ]*?\b(class|struct|interface|enum|record class|record struct|record|delegate [\w.<>?]+) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    // Extension methods lie in the namespace of what they extend.
    [GeneratedRegex(@"^namespace (?<name>Unlearn[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex OwnNamespace();
}
