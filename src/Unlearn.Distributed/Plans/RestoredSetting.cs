using System.Text.Json;
using Unlearn.Distributed.Blobs;
using Unlearn.MLNet.Trials.Running;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Distributed.Plans;

/// <summary>What all trials of a study share, made again from blobs, and proved to be the same.</summary>
internal sealed class RestoredSetting : IDisposable
{
    private RestoredSetting(ITrainingRecipe recipe, long targetSeed, TrainingRows rows, TrainingRows? testRows, ITarget target, TrialSubject subject) =>
        (Recipe, TargetSeed, Rows, TestRows, Target, Subject) = (recipe, targetSeed, rows, testRows, target, subject);

    public ITrainingRecipe Recipe { get; }

    public long TargetSeed { get; }

    public TrainingRows Rows { get; }

    public TrainingRows? TestRows { get; }

    public ITarget Target { get; }

    public TrialSubject Subject { get; }

    /// <summary>Makes it again.</summary>
    /// <exception cref="DistributedTrialsException">A blob is missing or damaged, the recipe is not known, or this machine computes otherwise.</exception>
    public static RestoredSetting Load(IBlobStore blobs, string hash, IReadOnlyList<ITrainingRecipe> recipes)
    {
        var document = blobs.Read(
            hash, "setting of the trials", stream => JsonSerializer.Deserialize<SettingDocument>(stream) ?? throw new FormatException("There is none."));
        var recipe = document.Recipe.Restore(recipes);
        var rows = blobs.Read(document.Rows, "rows", StoredRows.Read);
        var test = document.TestRows is { } name ? blobs.Read(name, "test rows", StoredRows.Read) : null;
        var target = blobs.Read(document.Target, "target's parameters", ReadTarget);
        var subject = TorchThreads.RunAsync("trial subject", () => new TrialSubject(target, recipe, rows, test, TimeProvider.System)).GetAwaiter().GetResult();
        if (PlanPublisher.Hash(subject.TargetLogitConfidences) == document.Answers)
            return new(recipe, document.TargetSeed, rows, test, target, subject);
        target.Dispose();
        throw new DistributedTrialsException(
            "The worker's machine computes other predictions of the same model than the coordinator's, so its trials would not be the same: "
            + "use processors of one kind, and the same Torch, for workers and coordinator.");
    }

    public void Dispose()
    {
        Target.Dispose();
        TestRows?.Dispose();
        Rows.Dispose();
    }

    private static ITarget ReadTarget(Stream stream)
    {
        try
        {
            return StoredTarget.Read(stream);
        }
        catch (InvalidOperationException unknown) when (unknown is not DistributedTrialsException)
        {
            throw new DistributedTrialsException($"The worker cannot load the target: {unknown.Message}", unknown);
        }
    }
}
