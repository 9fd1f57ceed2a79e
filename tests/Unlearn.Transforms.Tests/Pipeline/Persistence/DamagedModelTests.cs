using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using Unlearn.Benchmarks.Fuzzing;
using Unlearn.Transforms.Pipeline.Persistence;
using Xunit;

namespace Unlearn.Transforms.Tests.Pipeline.Persistence;

/// <summary>Damaged and crafted model files are refused by one exception that says what is wrong, before memory is taken for what they claim.</summary>
/// <remarks>It compares bits, and other tests change how many threads Torch adds with: it runs by itself.</remarks>
[Collection(nameof(Runtime.TorchThreadsTests))]
public sealed class DamagedModelTests(ITestOutputHelper output) : IClassFixture<DamagedModelTests.Subjects>
{
    private const int Cases = 500;
    private const int RefusedWithin = 64_000_000;

    private static readonly Dictionary<string, FuzzSubject> Known = [];
    private static readonly MLContext Context = new(1);

    /// <summary>The subjects, made once.</summary>
    public sealed class Subjects
    {
        public Subjects()
        {
            lock (Known)
                foreach (var name in FuzzSubject.Names)
                    Known.TryAdd(name, FuzzSubject.Create(name));
        }
    }

    [Fact]
    public void Damaged_files_are_refused_or_work()
    {
        var fuzz = new ModelFuzz([.. Known.Values]);
        var done = Enumerable.Range(0, Cases).Select(number => fuzz.Run(number)).ToList();
        output.WriteLine($"{done.Count(tried => tried.IsRefused)} of {Cases} refused, at most {done.Max(tried => tried.Bytes):N0} bytes");
        output.WriteLine(string.Join('\n', fuzz.Roundings));
        Assert.Equal("", string.Join('\n', done.Where(tried => tried.Failure is not null).Select(tried => $"{tried.What}: {tried.Failure}")));
        Assert.InRange(done.Count(tried => tried.IsRefused), Cases / 2, Cases - 1);
        Assert.True(done.Where(tried => tried.IsRefused).Max(tried => tried.Bytes) < RefusedWithin);
    }

    [Fact]
    public void A_loaded_model_gives_the_same_bits_each_time()
    {
        var keep = new List<byte[]>();
        List<string> failures = [];
        foreach (var subject in Known.Values)
            for (var load = 0; load < 10; load++)
            {
                keep.Add(new byte[8 * load + 1]); // moves what is allocated next
                using var model = (UnlearnFactorsTransformer)UnlearnModel.LoadFrom(Context, new MemoryStream(subject.File), subject.Name, out _);
                var data = model.Transform(subject.Data);
                float[][] factors = [.. data.GetColumn<float[]>("UnlearnFactors")];
                failures.AddRange(Enumerable.Range(0, model.FactorNames.Count)
                    .Where(slot => !factors.Select(row => row[slot]).SequenceEqual(subject.Factors.Select(row => row[slot])))
                    .Select(slot => $"{model.FactorNames[slot]} of {subject.Name}, load {load}"));
            }
        Assert.Empty(failures);
    }

    [Theory]
    [InlineData("trees", "Left", 0, "not below")]
    [InlineData("trees", "Right", 99, "not below")]
    [InlineData("trees", "Features", 77, "looks at feature 77")]
    [InlineData("trees", "Roots", 5, "trees")]
    [InlineData("trees", "Scores", -1, "scores")]
    public void Trees_that_are_no_trees_are_refused(string subject, string array, long value, string why) =>
        Assert.Contains(why, Refusal(subject, "target.trees.safetensors", tensors =>
        {
            using var changed = torch.tensor(value);
            tensors[array].narrow(0, 0, 1).copy_(changed);
        }), StringComparison.Ordinal);

    [Theory]
    [InlineData("mlp", "target.weights.safetensors", "NaN or infinite", float.NaN)]
    [InlineData("mlp", "statistics.safetensors", "Neighbours", float.PositiveInfinity)]
    [InlineData("black-box", "statistics.safetensors", "Neighbours", float.NaN)]
    public void Weights_and_statistics_that_are_not_finite_are_refused(string subject, string entry, string why, float value) =>
        Assert.Contains(why, Refusal(subject, entry, tensors =>
        {
            var tensor = entry.StartsWith("target", StringComparison.Ordinal) ? tensors.Values.First() : tensors["Neighbours/points"];
            tensor.fill_(value);
        }), StringComparison.Ordinal);

    [Fact]
    public void Integers_in_place_of_weights_are_refused() => Assert.Contains("is of type Int64", Refusal("mlp", "target.weights.safetensors",
        tensors => tensors[tensors.Keys.First()] = tensors.Values.First().to(torch.int64)), StringComparison.Ordinal);

    [Fact]
    public void Every_statistic_of_every_model_is_missed()
    {
        foreach (var (name, subject) in Known.Where(known => known.Key is "mlp" or "trees" or "black-box"))
        {
            var statistics = SafeTensors.Read(subject.Entries.Single(entry => entry.Name == "statistics.safetensors").Content);
            Assert.NotEmpty(statistics);
            foreach (var key in statistics.Keys)
            {
                Assert.NotEmpty(Refusal(name, "statistics.safetensors", tensors => tensors.Remove(key)));
                Assert.NotEmpty(Refusal(name, "statistics.safetensors", tensors => tensors[key] = tensors[key].unsqueeze(0)));
            }
        }
    }

    [Theory]
    [InlineData("mlp", "target.architecture.json", "Widths", "[2000000000]", "more parameters")]
    [InlineData("tokens", "target.architecture.json", "Widths", "[2000000000, 4, 5]", "more parameters")]
    [InlineData("tokens", "target.architecture.json", "InputShape", "[2000000000]", "far too much")]
    [InlineData("cnn", "target.architecture.json", "InputShape", "[1, 40000, 40000]", "far too much")]
    [InlineData("resnet", "target.architecture.json", "Widths", "[1, 100000, 1, 1]", "more parameters")]
    [InlineData("mlp", "target.architecture.json", "ClassCount", "1000000000", "more parameters")]
    [InlineData("mlp", "target.architecture.json", "InputShape", "null", "incomplete")]
    [InlineData("mlp", "manifest.json", "Factors", "null", "incomplete")]
    [InlineData("mlp", "manifest.json", "Factors", "[]", "0 factors")]
    [InlineData("mlp", "classes.json", "Names", "[\"a\", \"a\", \"b\"]", "does not name the 3 classes")]
    public void Sizes_and_names_are_looked_at_before_anything_is_made_of_them(string subject, string entry, string property, string value, string why) =>
        Assert.Contains(why, RefusalOf(subject, entry, json => json[property] = JsonNode.Parse(value)), StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void A_batch_size_that_no_model_has_is_refused(int size) =>
        Assert.Contains($"a batch size of {size}", RefusalOf("mlp", "manifest.json", json => json["Columns"]!["BatchSize"] = size), StringComparison.Ordinal);

    [Fact]
    public void A_hundred_thousand_factors_are_refused() => Assert.Contains("100000 factors", RefusalOf("mlp", "manifest.json",
        json => json["Factors"] = new JsonArray([.. Enumerable.Repeat("Entropy", 100_000).Select(name => (JsonNode)name)])), StringComparison.Ordinal);

    [Fact]
    public void A_name_of_ten_million_characters_is_not_repeated() => Assert.InRange(
        RefusalOf("mlp", "manifest.json", json => json["Target"] = new string('n', 10_000_000)).Length, 1, 300);

    [Fact]
    public void An_entry_that_nobody_reads_is_refused_without_unpacking_it()
    {
        var subject = Known["mlp"];
        var file = CraftedModel.File([.. subject.Entries, ("more", new byte[1 << 28])], subject.Data.Schema);
        Assert.InRange(file.Length, 1, 1 << 20);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("'more' belongs to nothing", Refusal(file), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, RefusedWithin);
    }

    [Fact]
    public void Bytes_around_the_tensors_are_refused()
    {
        using var scope = torch.NewDisposeScope();
        var file = SafeTensors.Write(new Dictionary<string, torch.Tensor> { ["a"] = torch.ones(2), ["b"] = torch.zeros(3) });
        Assert.Equal(2, SafeTensors.Read(file).Count);
        Assert.Throws<FormatException>(() => SafeTensors.Read([.. file, 0]));
        Assert.Throws<FormatException>(() => SafeTensors.Read(file[..^1]));
        foreach (var (from, to) in new[]
        {
            ("[8,20]", "[4,16]"), ("[8,20]", "[9,21]"), ("[0,8]", "[0,4]"), ("[3]", "[4]"), ("\"b\"", "\"a\""), ("[2]", "[-2]"),
        })
        {
            var text = Encoding.Latin1.GetString(file);
            Assert.Contains(from, text, StringComparison.Ordinal);
            var length = BitConverter.GetBytes((long)BitConverter.ToInt64(file) + to.Length - from.Length);
            var changed = Encoding.Latin1.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
            Assert.Throws<FormatException>(() => SafeTensors.Read([.. length, .. changed[8..]]));
        }
    }

    [Fact]
    public void Verify_says_what_is_wrong_with_a_file()
    {
        var path = Path.GetTempFileName();
        try
        {
            var good = Known["cnn"].File;
            File.WriteAllBytes(path, good);
            UnlearnModel.Verify(path);
            File.WriteAllBytes(path, [.. good[..(good.Length / 2)], .. good[(good.Length / 2 + 1)..]]);
            Assert.Contains(path, Assert.Throws<FormatException>(() => UnlearnModel.Verify(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
        Assert.Throws<FileNotFoundException>(() => UnlearnModel.Verify(path));
    }

    private static string Refusal(string subject, string entry, Action<Dictionary<string, torch.Tensor>> change) => Refusal(subject, entry, content =>
    {
        using var scope = torch.NewDisposeScope();
        var tensors = SafeTensors.Read(content);
        change(tensors);
        return SafeTensors.Write(tensors);
    });

    private static string RefusalOf(string subject, string entry, Action<JsonNode> change) => Refusal(subject, entry, content =>
    {
        var json = JsonNode.Parse(content)!;
        change(json);
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    });

    private static string Refusal(string subject, string entry, Func<byte[], byte[]> change)
    {
        var (entries, schema) = (Known[subject].Entries, Known[subject].Data.Schema);
        Assert.Contains(entry, entries.Select(saved => saved.Name));
        return Refusal(CraftedModel.File([.. entries.Select(saved => (saved.Name, saved.Name == entry ? change(saved.Content) : saved.Content))], schema));
    }

    private static string Refusal(byte[] file) => Assert.Throws<FormatException>(() =>
    {
        UnlearnModel.LoadFrom(Context, new MemoryStream(file), "crafted", out _);
    }).Message;
}
