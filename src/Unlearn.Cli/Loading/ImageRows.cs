using Unlearn.Cli.Images;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Studies;
using Unlearn.Transforms;

namespace Unlearn.Cli.Loading;

/// <summary>Rows of a folder of images, a folder for each class.</summary>
/// <param name="Side">Side in pixels that the middle square of each image is scaled to.</param>
/// <param name="Classes">Most classes, the first by name.</param>
/// <param name="Count">Most training rows.</param>
/// <param name="TestCount">Most test rows.</param>
/// <param name="SkipsDamaged">Whether images that cannot be decoded are left out and listed; the first is an error otherwise.</param>
internal sealed record ImageRows(int Side, int Classes, int Count, int TestCount, bool SkipsDamaged)
{
    private const int PictureSide = 64;

    // Mean and standard deviation of ImageNet's training pixels, as is usual.
    private static readonly float[] Mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] Deviation = [0.229f, 0.224f, 0.225f];

    /// <summary>Sides by size of a study.</summary>
    public static BySize<int> Sides { get; } = new(32, 48, 64);

    /// <summary>Reads the images.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="name">What the title of the study begins with.</param>
    /// <param name="say">Gets what was found, and what was left out.</param>
    /// <exception cref="IOException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">The folder has no images of two classes, or one cannot be decoded.</exception>
    /// <exception cref="ArgumentException">The rows do not fit into memory.</exception>
    public StudyData Read(string path, string name, Action<string> say)
    {
        var (train, test, names) = ImageFolders.Find(path, Classes, Count, TestCount);
        MemoryNeed.Check(train.Count + test.Count, RgbImage.Channels * Side * Side, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        say($"{path}: {names.Count} classes ({string.Join(", ", names.Take(5))}{(names.Count > 5 ? ", …" : "")}), "
            + $"{train.Count} images to train on and {test.Count} to test on, scaled to {Side} × {Side} pixels.");
        List<string>? skipped = SkipsDamaged ? [] : null;
        var (rows, testRows) = (ToRows(train), ToRows(test));
        var title = $"{name}, {Side} × {Side}, {rows.Count} rows";
        if (skipped is { Count: > 0 })
        {
            say($"Left out, since they cannot be decoded: {string.Join(", ", skipped)}.");
            title += $", {skipped.Count} damaged images left out";
        }
        return new(title, rows, testRows, names, RgbImage.Pictures(train, PictureSide));

        TrainingRows ToRows(IEnumerable<RgbImage> images)
        {
            try
            {
                return RgbImage.ToTrainingRows(images, Side, names.Count, Mean, Deviation, skipped);
            }
            catch (InvalidDataException cause)
            {
                throw new InvalidDataException(
                    $"{cause.Message.TrimEnd('.')}: leave it out, or all that are damaged by --{KnownSettings.SkipDamaged.Name}.", cause);
            }
        }
    }
}
