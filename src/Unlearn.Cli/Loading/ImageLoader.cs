using Unlearn.Cli.Images;
using Unlearn.Cli.Models;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.Transforms;

namespace Unlearn.Cli.Loading;

/// <summary>Reads a folder of images, a folder for each class.</summary>
internal static class ImageLoader
{
    private const int PictureSide = 64;

    // Mean and standard deviation of ImageNet's training pixels, as is usual.
    private static readonly float[] Mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] Deviation = [0.229f, 0.224f, 0.225f];
    private static readonly BySize<int> Sides = new(32, 48, 224);

    public static LoadedData Load(string path, SettingValues settings, Screen screen)
    {
        var model = ModelNames.Find(settings.Text(KnownSettings.Model) ?? ModelNames.OfImages);
        if (model.ReadsWords)
            throw new UsageException($"--model {model.Name} reads texts, and '{path}' is a folder of images: take --model {ModelNames.OfImages}.");
        var side = settings.Integer(KnownSettings.ImageSize) ?? Sides.Of(settings.Size);
        var (train, test, names) = ImageFolders.Find(path, int.MaxValue, settings.Integer(KnownSettings.Rows) ?? SampleSizes.Rows.Of(settings.Size),
            settings.Integer(KnownSettings.TestRows) ?? SampleSizes.TestRows.Of(settings.Size));
        MemoryNeed.Check(train.Count + test.Count, RgbImage.Channels * side * side, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        screen.Say($"{path}: {names.Count} classes ({string.Join(", ", names.Take(5))}{(names.Count > 5 ? ", …" : "")}), "
            + $"{train.Count} images to train on and {test.Count} to test on, scaled to {side} × {side} pixels.");
        var input = new ModelInput(RgbImage.Channels * side * side, names.Count, side);
        var recipe = model.Recipe(input, TableLoader.ModelOf(settings));
        List<string>? skipped = settings.Flag(KnownSettings.SkipDamaged) ? [] : null;
        var (rows, testRows) = (ToRows(train), ToRows(test));
        var title = $"{TableLoader.Name(path)}, {model.Name}, {side} × {side}, {rows.Count} rows";
        if (skipped is { Count: > 0 })
        {
            screen.Say($"Left out, since they cannot be decoded: {string.Join(", ", skipped)}.");
            title += $", {skipped.Count} damaged images left out";
        }
        return new(new(title, rows, testRows, names, RgbImage.Pictures(train, PictureSide)), model, input, recipe, Table: null);

        TrainingRows ToRows(IEnumerable<RgbImage> images)
        {
            try
            {
                return RgbImage.ToTrainingRows(images, side, names.Count, Mean, Deviation, skipped);
            }
            catch (InvalidDataException cause)
            {
                throw new InvalidDataException(
                    $"{cause.Message.TrimEnd('.')}: leave it out, or all that are damaged by --{KnownSettings.SkipDamaged.Name}.", cause);
            }
        }
    }
}
