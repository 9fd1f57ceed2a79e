using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Unlearn.Benchmarks.Fuzzing;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.Prediction;

/// <summary>Damaged and crafted files of hardness models are refused by one exception that says what is wrong, or work as before.</summary>
public sealed class DamagedHardnessTests(ITestOutputHelper output)
{
    private const int RefusedWithin = 64_000_000;

    private static readonly int Cases = CaseCount.Of("UNLEARN_FUZZ", 400);
    private static readonly Lazy<FuzzSubject[]> Subjects = new(() => [.. HardnessSubject.Names.Select(HardnessSubject.Create)]);

    [Fact]
    public void Damaged_files_are_refused_or_work()
    {
        var fuzz = new ModelFuzz(Subjects.Value);
        var done = Enumerable.Range(0, Cases).Select(number => fuzz.Run(number)).ToList();
        foreach (var kind in done.GroupBy(tried => tried.Kind))
            output.WriteLine(Invariant($"{kind.Key}: {kind.Count()} files, {kind.Count(tried => tried.IsRefused)} refused, ")
                + Invariant($"at most {kind.Max(tried => tried.Seconds):0.00} s and {kind.Max(tried => tried.Bytes):N0} bytes"));
        Assert.Equal("", string.Join('\n', done.Where(tried => tried.Failure is not null).Select(tried => $"{tried.What}: {tried.Failure}")));
        Assert.InRange(done.Count(tried => tried.IsRefused), Cases / 2, Cases - 1);
        Assert.True(done.Where(tried => tried.IsRefused).Max(tried => tried.Bytes) < RefusedWithin);
    }

    [Theory]
    [InlineData("Tolerance", "-1", "tolerance")]
    [InlineData("ExactSeconds", "-1", "seconds")]
    [InlineData("Confidence", "1", "confidence")]
    [InlineData("Exact", "\"FT\"", "named twice")]
    [InlineData("Exact", "\"\"", "a name of 0 characters")]
    [InlineData("FactorColumn", "null", "incomplete")]
    [InlineData("Factors", "[\"0\", \"1\", \"2\", \"3\", \"3\"]", "named twice")]
    [InlineData("Factors", "[\"0\", \"1\"]", "no model of 2 factors")]
    public void A_manifest_that_makes_no_sense_is_refused(string property, string value, string why) =>
        Assert.Contains(why, Refusal(manifest => manifest[property] = JsonNode.Parse(value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("Name", "\"FT\"", "named twice")]
    [InlineData("Name", "\"EU\"", "named twice")]
    [InlineData("Seconds", "5", "not in the order of their seconds")]
    [InlineData("SmallestSpread", "0", "makes no sense")]
    [InlineData("Edges", "[1, 0]", "makes no sense")]
    [InlineData("Quantiles", "[]", "makes no sense")]
    public void A_method_that_makes_no_sense_is_refused(string property, string value, string why) =>
        Assert.Contains(why, Refusal(manifest => manifest["Methods"]![0]![property] = JsonNode.Parse(value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("Tolerance")]
    [InlineData("ExactSeconds")]
    [InlineData("Confidence")]
    [InlineData("Factors")]
    public void What_a_manifest_lacks_is_not_taken_for_zero(string property) =>
        Assert.Contains("'manifest.json'", Refusal(manifest => ((JsonObject)manifest).Remove(property)), StringComparison.Ordinal);

    [Fact]
    public void The_seconds_of_a_method_are_not_taken_for_zero() =>
        Assert.Contains("'manifest.json'", Refusal(manifest => ((JsonObject)manifest["Methods"]![1]!).Remove("Seconds")), StringComparison.Ordinal);

    [Fact]
    public void A_model_of_another_place_is_refused()
    {
        var classifier = Subjects.Value[0].Entries.Single(entry => entry.Name == "hard.zip").Content;
        Assert.Contains("'level.0.zip'", Refusal("level.0.zip", _ => Subjects.Value[0].Entries.Single(entry => entry.Name == "manifest.json").Content),
            StringComparison.Ordinal);
        Assert.Contains("'hard.zip'", Refusal("hard.zip", _ => classifier[..(classifier.Length / 2)]), StringComparison.Ordinal);
    }

    // Places in the saved predictor of two nodes: the children begin with their number, the weights of a linear model too.
    [Theory]
    [InlineData("trees", 289, 0, "node 0 of tree 0 is reached on two ways")]
    [InlineData("trees", 293, 1, "node 1 of tree 0 is reached on two ways")]
    [InlineData("trees", 289, 2, "node 0 of tree 0 leads to 2")]
    [InlineData("trees", 289, -4, "node 0 of tree 0 leads to -4")]
    [InlineData("trees", 285, -1, "an array of -1")]
    [InlineData("trees", 285, 1 << 20, "bytes are asked for")]
    [InlineData("trees", 265, 1 << 20, "nodes has children for 2 and 2")]
    [InlineData("linear", 272, 1 << 28, "bytes are asked for")]
    public void Trees_and_arrays_that_never_end_are_refused(string name, int at, int value, string why)
    {
        var message = Refusal("level.0.zip", content => ArchiveEdit.Archive([.. ArchiveEdit.Files(content).Select(file =>
        {
            if (IsPredictor(file.Content))
                BitConverter.TryWriteBytes(file.Content.AsSpan(at), value);
            return file;
        })]), name);
        Assert.Contains("'level.0.zip'", message, StringComparison.Ordinal);
        Assert.Contains(why, message, StringComparison.Ordinal);
    }

    private static bool IsPredictor(byte[] file) =>
        file.Length > 256 && Encoding.ASCII.GetString(file, 80, 24).TrimEnd('\0') is "FastTreeRegressionExec" or "LinearRegressionExec";

    private static string Refusal(Action<JsonNode> change) => Refusal("manifest.json", content =>
    {
        var json = JsonNode.Parse(content)!;
        change(json);
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    });

    private static string Refusal(string entry, Func<byte[], byte[]> change, string name = "trees")
    {
        var subject = Subjects.Value.Single(subject => subject.Name == name);
        Assert.Contains(entry, subject.Entries.Select(saved => saved.Name));
        var file = CraftedModel.File(
            [.. subject.Entries.Select(saved => (saved.Name, saved.Name == entry ? change(saved.Content) : saved.Content))], subject.Data.Schema, subject.Kind);
        return Assert.Throws<FormatException>(() =>
        {
            UnlearnModel.LoadFrom(new MLContext(1), new MemoryStream(file), "crafted", out _);
        }).Message;
    }
}
