using Unlearn.Distributed.Blobs;
using Unlearn.Distributed.Plans;
using Unlearn.MLNet;
using Unlearn.MLNet.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary>What travels comes out as it went in.</summary>
public sealed class StoredPartsTests
{
    public static TheoryData<string> Unlearners => [.. KnownUnlearners.All.Select(unlearner => unlearner.Name)];

    [Theory]
    [MemberData(nameof(Unlearners))]
    public void Every_unlearner_comes_back_with_its_options(string name)
    {
        var usual = KnownUnlearners.Find(name);
        AssertComesBack(usual);
        if (usual is IAdjustableUnlearner adjustable)
            foreach (var strength in new[] { 0.13, 0.5, 3.7 })
                AssertComesBack(adjustable.WithStrength(strength));
    }

    [Fact]
    public void Options_of_ones_own_come_back()
    {
        AssertComesBack(new Sisa { Shards = 7, Slices = 4 });
        AssertComesBack(new FineTuning { Epochs = 9, RelativeLearningRate = 1.0 / 3 });
    }

    [Fact]
    public void Rows_come_back_bit_for_bit()
    {
        using var rows = TinyStudy.Rows(40);
        using var stream = new MemoryStream();
        StoredRows.Write(rows, stream);
        stream.Position = 0;
        using var back = StoredRows.Read(stream);
        Assert.Equal(rows.ContentHash, back.ContentHash);
        Assert.Equal((rows.ClassCount, rows.FeatureCount), (back.ClassCount, back.FeatureCount));
        Assert.Equal(rows.ClassNames, back.ClassNames);
    }

    [Fact]
    public void Every_cut_of_rows_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var rows = TinyStudy.Rows(6);
        var blobs = new BlobFolder(folder.Path);
        var hash = blobs.Put(stream => StoredRows.Write(rows, stream));
        var bytes = File.ReadAllBytes(folder.File(hash));
        for (var length = 0; length < bytes.Length; length += 7)
        {
            File.WriteAllBytes(folder.File(hash), bytes[..length]);
            Assert.Contains("not what was put there",
                Assert.Throws<DistributedTrialsException>(() => blobs.Read(hash, "rows", StoredRows.Read)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_recipe_comes_back_with_its_settings()
    {
        TorchArchitecture[] architectures =
        [
            TorchArchitecture.Mlp(8, 3, 12, 5), TorchArchitecture.SmallCnn(1, 8, 8, 3), TorchArchitecture.ResNet18(3, 16, 16, 4, [4, 4, 8, 8]),
            TorchArchitecture.BagOfTokens(5, 50, 8, 2),
        ];
        foreach (var architecture in architectures)
        {
            var recipe = new TorchRecipe(architecture)
            {
                Epochs = 3,
                BatchSize = 17,
                Optimizer = OptimizerKind.AdamW,
                LearningRate = 0.1 + 0.2,
                Momentum = 0.77,
                WeightDecay = 1e-7,
                Stack = 3,
                Device = TorchDevice.Cpu,
            };
            var json = System.Text.Json.JsonSerializer.Serialize(StoredRecipe.Of(recipe));
            Assert.Equal(recipe.Specification, System.Text.Json.JsonSerializer.Deserialize<StoredRecipe>(json)!.Restore([]).Specification);
        }
    }

    private static void AssertComesBack(IUnlearner unlearner)
    {
        var json = System.Text.Json.JsonSerializer.Serialize(StoredUnlearner.Of(unlearner));
        var back = System.Text.Json.JsonSerializer.Deserialize<StoredUnlearner>(json)!.Restore();
        Assert.Equal(unlearner.Specification, back.Specification);
        Assert.Equal(unlearner.GetType(), back.GetType());
    }
}
