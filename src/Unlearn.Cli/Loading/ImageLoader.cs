using Unlearn.Cli.Images;
using Unlearn.Cli.Models;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;

namespace Unlearn.Cli.Loading;

/// <summary>Reads a folder of images, a folder for each class, for the model that the command names.</summary>
internal static class ImageLoader
{
    public static LoadedData Load(string path, SettingValues settings, Screen screen)
    {
        var model = ModelNames.Find(settings.Text(KnownSettings.Model) ?? ModelNames.OfImages);
        if (model.ReadsWords)
            throw new UsageException($"--model {model.Name} reads texts, and '{path}' is a folder of images: take --model {ModelNames.OfImages}.");
        var side = settings.Integer(KnownSettings.ImageSize) ?? ImageRows.Sides.Of(settings.Size);
        var images = new ImageRows(side, int.MaxValue, settings.Integer(KnownSettings.Rows) ?? SampleSizes.Rows.Of(settings.Size),
            settings.Integer(KnownSettings.TestRows) ?? SampleSizes.TestRows.Of(settings.Size), settings.Flag(KnownSettings.SkipDamaged));
        var rows = images.Read(path, $"{TableLoader.Name(path)}, {model.Name}", screen.Say);
        var input = new ModelInput(RgbImage.Channels * side * side, rows.ClassNames.Count, side);
        return new(rows, model, input, model.Recipe(input, TableLoader.ModelOf(settings)), Table: null);
    }
}
