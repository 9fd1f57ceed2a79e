using System.Collections;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.ML;
using TorchSharp;
using TorchSharp.PyBridge;
using Unlearn.PyTorch;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;
using static TorchSharp.torch.nn;

namespace Unlearn.Integration.Tests.PyTorch;

/// <summary>
/// Weights as PyTorch's users have them, with the names of its <c>nn.Sequential</c>. No Python is at hand: TorchSharp.PyBridge writes the files too, in
/// PyTorch's format, but for a pickle of Python's own.
/// </summary>
public sealed class PyTorchWeightsTests : IDisposable
{
    private const int Width = 6;

    private static readonly TorchArchitecture Mlp = TorchArchitecture.Mlp(Width, 3, 5);

    private readonly string _folder = Directory.CreateTempSubdirectory("pytorch").FullName;
    private readonly TorchSharp.Modules.Sequential _net = Sequential(
        ("net.0", Linear(Width, 5)), ("net.1", ReLU()), ("net.2", Linear(5, 3)));

    public void Dispose()
    {
        _net.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_snippet_in_the_docs_is_the_code_below() => Snippets.AssertIsIn("inputs.md", "PyTorchWeightsTests.cs", "pytorch");

    [Theory]
    [InlineData("weights.pth", torch.ScalarType.Float32)]
    [InlineData("weights.pt", torch.ScalarType.Float64)]
    [InlineData("weights.safetensors", torch.ScalarType.Float32)]
    [InlineData("weights.SafeTensors", torch.ScalarType.Float16)]
    public void A_target_has_the_logits_of_the_module_whose_weights_it_got(string name, torch.ScalarType type)
    {
        using var scope = torch.NewDisposeScope();
        _net.to(type);
        var path = Save(name);
        using var target = PyTorchWeights.LoadTarget(Mlp, path, new() { Rename = Names, ClassNames = ["a", "b", "c"] });
        var rows = torch.randn(20, Width);
        _net.to(torch.float32); // exact, also from float16
        var expected = _net.call(rows);
        Assert.True((target.Logits(rows) - expected).abs().max().item<float>() < 1e-6);
        Assert.Equal(["a", "b", "c"], target.ClassNames);
        Assert.True(target.Capabilities.HasFlag(TargetCapabilities.ParameterGradients));
    }

    [Fact]
    public void The_snippet_runs_and_the_factors_survive_saving()
    {
        var mlContext = new MLContext(1);
        var random = new SeededRandom(1);
        var data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i => new Row
        {
            RowId = i, Features = [.. Enumerable.Range(0, Width).Select(_ => (float)random.NextNormal())], Label = (uint)(i % 3),
        }).ToList());
        var weightsPath = Save("weights.pth");

        // <pytorch>
        var architecture = TorchArchitecture.Mlp(6, 3, 5);
        using var target = PyTorchWeights.LoadTarget(architecture, weightsPath, new()
        {
            Rename = name => name.Replace("net.0.", "hidden1.").Replace("net.2.", "output."),
        });
        var factors = mlContext.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(data);
        // </pytorch>

        var path = Path.Combine(_folder, "factors.zip");
        mlContext.Model.Save(factors, data.Schema, path);
        var loaded = mlContext.Model.Load(path, out _);
        Assert.Equal(
            Microsoft.ML.Data.ColumnCursorExtensions.GetColumn<float[]>(factors.Transform(data), "UnlearnFactors"),
            Microsoft.ML.Data.ColumnCursorExtensions.GetColumn<float[]>(loaded.Transform(data), "UnlearnFactors"));
    }

    [Fact]
    public void A_prefix_of_parallel_training_is_taken_off_and_names_may_be_left_out()
    {
        using var scope = torch.NewDisposeScope();
        var path = Path.Combine(_folder, "parallel.pth");
        var state = Hashtable(_net.state_dict(), name => $"module.{Names(name)}");
        PyTorchPickler.PickleStateDict(path, state);
        PyTorchWeights.LoadTarget(Mlp, path).Dispose();

        state["optimizer.step"] = torch.ones(1);
        PyTorchPickler.PickleStateDict(path, state);
        Assert.Contains("optimizer.step", Refused<ArgumentException>(path), StringComparison.Ordinal);
        PyTorchWeights.LoadTarget(Mlp, path, new() { Rename = name => name.StartsWith("module.", StringComparison.Ordinal) ? name[7..] : null }).Dispose();
    }

    [Fact]
    public void A_checkpoint_that_Python_pickled_is_read_by_its_entry()
    {
        // {'epoch': 3, 'state_dict': OrderedDict of a float and a half tensor, 'loss': 0.5}, by Python's pickle with the names and calls of torch.save
        const string pickle = "gAJ9cQAoWAUAAABlcG9jaHEBSwNYCgAAAHN0YXRlX2RpY3RxAmNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdApxAylScQQoWAgAAAAwLndlaWdodH"
            + "EFY3RvcmNoLl91dGlscwpfcmVidWlsZF90ZW5zb3JfdjIKcQYoKFgHAAAAc3RvcmFnZXEHY3RvcmNoCkZsb2F0U3RvcmFnZQpxCFgBAAAAMHEJ"
            + "WAMAAABjcHVxCksGdHELUUsASwJLA4ZxDEsDSwGGcQ2JaAMpUnEOdHEPUnEQWAYAAAAwLmJpYXNxEWgGKChoB2N0b3JjaApIYWxmU3RvcmFnZQ"
            + "pxElgBAAAAMXETaApLBHRxFFFLAEsChXEVSwGFcRaJaAMpUnEXdHEYUnEZdX1xGlgJAAAAX21ldGFkYXRhcRtoAylScRxYAAAAAHEdfXEeWAcA"
            + "AAB2ZXJzaW9ucR9LAXNzc2JYBAAAAGxvc3NxIEc/4AAAAAAAAHUu";
        var path = Path.Combine(_folder, "checkpoint.pth");
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            Write("data.pkl", Convert.FromBase64String(pickle));
            Write("byteorder", "little"u8);
            Write("data/0", MemoryMarshal.AsBytes<float>([0, 1, 2, 3, 4, 5]));
            Write("data/1", MemoryMarshal.AsBytes<Half>([(Half)0.5f, (Half)(-1f), (Half)9f, (Half)9f]));
            Write("version", "3"u8);

            void Write(string name, ReadOnlySpan<byte> content)
            {
                using var entry = zip.CreateEntry($"archive/{name}", CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }
        var linear = TorchArchitecture.Mlp(3, 2);
        using var scope = torch.NewDisposeScope();
        using var target = PyTorchWeights.LoadTarget(linear, path, new()
        {
            Key = "state_dict", Rename = name => name.Replace("0.", "output.", StringComparison.Ordinal),
        });
        Assert.Equal([0.5f, 2f], target.Logits(torch.tensor(new float[] { 0, 0, 0, 1, 0, 0 }, [2, 3])).data<float>().Where((_, i) => i is 0 or 3));
        Assert.Contains("'epoch', 'loss', 'state_dict'", Assert.Throws<InvalidDataException>(() => PyTorchWeights.LoadTarget(linear, path)).Message,
            StringComparison.Ordinal);
        Assert.Contains("no dictionary 'model'", Assert.Throws<InvalidDataException>(
            () => PyTorchWeights.LoadTarget(linear, path, new() { Key = "model" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_names_and_shapes_are_refused_with_the_nearest_names()
    {
        var path = Save("weights.pth");
        var message = Refused<ArgumentException>(path);
        Assert.Contains("'net.0.weight'", message, StringComparison.Ordinal);
        Assert.Contains("'hidden1.weight'", message, StringComparison.Ordinal);
        Assert.Contains("Near 'net.0.bias' are 'output.bias'", message, StringComparison.Ordinal);

        var wider = TorchArchitecture.Mlp(Width, 3, 7);
        message = Assert.Throws<ArgumentException>(() => PyTorchWeights.LoadTarget(wider, path, new() { Rename = Names })).Message;
        Assert.Matches(@"'hidden1\.(weight|bias)' has shape \[5.*wants \[7", message);

        message = Assert.Throws<ArgumentException>(() => PyTorchWeights.LoadTarget(Mlp, path, new() { Rename = _ => "same" })).Message;
        Assert.Contains("become 'same'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_kinds_of_numbers_and_numbers_that_are_not_finite_are_refused()
    {
        using var scope = torch.NewDisposeScope();
        var state = Hashtable(_net.state_dict(), Names);
        var path = Path.Combine(_folder, "weights.pth");
        state["output.bias"] = torch.ones(3, torch.int64);
        PyTorchPickler.PickleStateDict(path, state);
        Assert.Contains("Int64", Refused<ArgumentException>(path), StringComparison.Ordinal);
        state["output.bias"] = torch.full(3, float.NaN);
        PyTorchPickler.PickleStateDict(path, state);
        Assert.Contains("'output.bias'", Refused<ArgumentException>(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Absent_and_damaged_files_are_named()
    {
        var path = Path.Combine(_folder, "weights.pth");
        Assert.Contains(path, Refused<FileNotFoundException>(path), StringComparison.Ordinal);
        Assert.Contains("torch.save", Refused<FileNotFoundException>(path), StringComparison.Ordinal);
        foreach (var name in (string[])["weights.pth", "weights.safetensors"])
        {
            path = Path.Combine(_folder, name);
            File.WriteAllBytes(path, [.. Enumerable.Range(0, 100).Select(i => (byte)i)]);
            Assert.Contains(path, Refused<InvalidDataException>(path), StringComparison.Ordinal);
            File.WriteAllBytes(path, []);
            Refused<InvalidDataException>(path);
        }
        var whole = File.ReadAllBytes(Save("weights.safetensors"));
        path = Path.Combine(_folder, "cut.safetensors");
        File.WriteAllBytes(path, whole[..^20]);
        Refused<InvalidDataException>(path);
    }

    private static string Names(string name) =>
        name.Replace("net.0.", "hidden1.", StringComparison.Ordinal).Replace("net.2.", "output.", StringComparison.Ordinal);

    private static Hashtable Hashtable(Dictionary<string, torch.Tensor> state, Func<string, string> rename) =>
        new(state.ToDictionary(entry => rename(entry.Key), entry => entry.Value));

    private static string Refused<T>(string path)
        where T : Exception => Assert.Throws<T>(() => PyTorchWeights.LoadTarget(Mlp, path)).Message;

    private string Save(string name)
    {
        var path = Path.Combine(_folder, name);
        if (Path.GetExtension(name).Equals(".safetensors", StringComparison.OrdinalIgnoreCase))
            _net.save_safetensors(path);
        else
            _net.save_py(path);
        return path;
    }

    private sealed class Row
    {
        public int RowId { get; set; }

        [Microsoft.ML.Data.VectorType(Width)]
        public float[] Features { get; set; } = [];

        [Microsoft.ML.Data.KeyType(3)]
        public uint Label { get; set; }
    }
}
